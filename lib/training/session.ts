/** A training session: the step graph in ONNX Runtime, with parameters and optimizer state in two sets of buffers that take turns. */
import { defect } from '../errors.js';
import { memoryBytes } from '../ir/bytes.js';
import { FLOAT } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { constructorOf, type NdArray, ndarray, toReals } from '../ir/ndarray.js';
import { allBytes, elementCount } from '../ir/numeric.js';
import { encodeModel } from '../onnx/write.js';
import { openSession, type Session, type SessionOptions } from '../runtime/session.js';
import type { Slot, StepGraph } from './step-graph.js';

/** What a step is given. */
export interface StepFeeds {
  /** The model's inputs, the labels and the teachers' logits, by their names in the step graph. */
  readonly feeds: ReadonlyMap<string, NdArray>;
  readonly rate: number;
}

/** What a step gave. */
export interface Stepped {
  /** The loss before the update. */
  readonly loss: number;
  /** The output that the loss judges, before the update. */
  readonly output: NdArray;
}

/** All that a training is at one moment: enough to go on with the same numbers. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  /** Parameters and optimizer state by their names in the step graph. */
  readonly tensors: ReadonlyMap<string, NdArray>;
}

const one = (value: number): NdArray => ndarray(FLOAT, [], Float32Array.of(value));

const slotsOf = ({ parameters, statistics }: StepGraph): readonly Slot[] => [
  ...parameters.flatMap(({ state, ...own }) => [own, ...state]),
  ...statistics,
];

/** What belongs to the model itself. */
const ownOf = ({ parameters, statistics }: StepGraph): readonly Slot[] => [...parameters, ...statistics];

function zeros({ dtype, dims }: Slot): NdArray {
  const make = constructorOf(dtype);
  if (!make) throw defect(`a parameter of type ${dtype}`);
  return ndarray(dtype, dims, new make(elementCount(dims)));
}

/** A tensor's elements, a copy in memory of its own. */
export function arrayOf({ dtype, dims, data, name }: Tensor): NdArray {
  const make = constructorOf(dtype);
  if (!make || !data) throw defect(`the parameter ${name} has no elements`);
  const bytes = new Uint8Array(allBytes(data));
  return ndarray(dtype, dims, new make(bytes.buffer, 0, elementCount(dims)));
}

const copyOf = (array: NdArray): NdArray => ({ ...array, data: array.data.slice() });

/** Trains a model step by step. Close it when done. */
export class TrainingSession {
  private current: Map<string, NdArray>;
  private next: Map<string, NdArray>;
  private steps = 0;

  private constructor(
    readonly graph: StepGraph,
    private readonly session: Session,
  ) {
    const slots = slotsOf(graph);
    const first = (slot: Slot) => {
      const tensor = graph.initial.get(slot.name);
      return tensor ? arrayOf(tensor) : zeros(slot);
    };
    this.current = new Map(slots.map((slot) => [slot.name, first(slot)]));
    this.next = new Map(slots.map((slot) => [slot.name, zeros(slot)]));
  }

  /** Loads the step graph. Throws RUNTIME_LOAD, EP_UNAVAILABLE. */
  static async open(graph: StepGraph, options: SessionOptions = {}): Promise<TrainingSession> {
    const label = `the training step of ${graph.model.label}`;
    return new TrainingSession(graph, await openSession(encodeModel(graph.model), { label, ...options }));
  }

  /** Steps done. */
  get step(): number {
    return this.steps;
  }

  /** One step on one batch. Throws RUNTIME_RUN, after which the parameters are what they were. */
  async run({ feeds, rate }: StepFeeds): Promise<Stepped> {
    const { graph } = this;
    const all = new Map([...feeds, ...this.current, [graph.rate, one(rate)], [graph.step, one(this.steps + 1)]]);
    const wanted = new Set(this.session.inputs.map(({ name }) => name));
    const used = new Map([...all].filter(([name]) => wanted.has(name)));
    const into = new Map(slotsOf(graph).map(({ name, next }) => [next, this.next.get(name) as NdArray]));
    const results = await this.session.run(used, into);
    [this.current, this.next] = [this.next, this.current];
    this.steps += 1;
    const [loss, output] = [results.get(graph.loss), results.get(graph.output)];
    if (!loss || !output) throw defect('a step without a loss');
    return { loss: toReals(loss, graph.loss)[0] as number, output };
  }

  /** The parameters and running statistics now, as tensors of the model. */
  parameters(): readonly Tensor[] {
    return ownOf(this.graph).map(({ name }) => {
      const { dtype, dims, data } = copyOf(this.current.get(name) as NdArray);
      return { name, dtype, dims, data: memoryBytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) };
    });
  }

  /** The parameters and running statistics now, to be fed to another graph; not to be changed, and gone after the next step. */
  get feeds(): ReadonlyMap<string, NdArray> {
    return new Map(ownOf(this.graph).map(({ name }) => [name, this.current.get(name) as NdArray]));
  }

  /** A copy of all that is needed to go on. */
  state(): TrainingState {
    return { step: this.steps, tensors: new Map([...this.current].map(([name, array]) => [name, copyOf(array)])) };
  }

  /** Goes on from a state of the same step graph. */
  restore({ step, tensors }: TrainingState): void {
    this.steps = step;
    this.current = new Map([...this.current].map(([name, array]) => [name, copyOf(tensors.get(name) ?? array)]));
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
