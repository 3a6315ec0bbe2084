/** A training session: the step graph in ONNX Runtime, with parameters and optimizer state in two sets of buffers that take turns. */
import { defect } from '../errors.js';
import { memoryBytes } from '../ir/bytes.js';
import { FLOAT } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { constructorOf, type NdArray, ndarray, toReals } from '../ir/ndarray.js';
import { allBytes, elementCount } from '../ir/numeric.js';
import { encodeModel } from '../onnx/write.js';
import { openSession, type Session, type SessionOptions } from '../runtime/session.js';
import { deviceForm } from './device-form.js';
import { entryOf, stacked } from './stacked.js';
import type { Slot, StepGraph } from './step-graph.js';
import { inTurns, type Turns } from './turns.js';

/** What a step is given. */
export interface StepFeeds {
  /** The model's inputs, the labels and the teachers' logits, by their names in the step graph. */
  readonly feeds: ReadonlyMap<string, NdArray>;
  readonly rate: number;
  /** Of an update that is made of several batches, which this is; the whole unless told. */
  readonly part?: Part | undefined;
}

/** A batch's place in its update. */
export interface Part {
  /** How much of the update's samples it has: the shares of all its batches are 1 together. */
  readonly share: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const WHOLE: Part = { share: 1, isFirst: true, isLast: true };

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

/** By the outputs that are written into them. */
const buffersOf = (slots: readonly Slot[], from: ReadonlyMap<string, NdArray>) =>
  slots.map(({ name, next }) => [next, from.get(name) as NdArray] as const);

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

/** Where and how it runs. */
export interface StepSessionOptions extends SessionOptions {
  /** Whether several steps may be one run. */
  readonly turns?: boolean | undefined;
}

/** Trains a model step by step. Close it when done. */
export class StepSession {
  private current: Map<string, NdArray>;
  private next: Map<string, NdArray>;
  /** Sums of gradients: none yet, those so far, and those that come. */
  private readonly none: ReadonlyMap<string, NdArray>;
  private sums: ReadonlyMap<string, NdArray>;
  private nextSums: ReadonlyMap<string, NdArray>;
  private steps = 0;

  private constructor(
    readonly graph: StepGraph,
    private readonly session: Session,
    private readonly turns: Turns | undefined,
  ) {
    const slots = slotsOf(graph);
    const first = (slot: Slot) => {
      const tensor = graph.initial.get(slot.name);
      return tensor ? arrayOf(tensor) : zeros(slot);
    };
    this.current = new Map(slots.map((slot) => [slot.name, first(slot)]));
    this.next = new Map(slots.map((slot) => [slot.name, zeros(slot)]));
    const empty = () => new Map((graph.sums?.slots ?? []).map((slot) => [slot.name, zeros(slot)]));
    [this.none, this.sums, this.nextSums] = [empty(), empty(), empty()];
  }

  /** Loads the step graph, with `turns` so that several steps may be one run. Throws RUNTIME_LOAD, EP_UNAVAILABLE. */
  static async open(given: StepGraph, { turns, ...options }: StepSessionOptions = {}): Promise<StepSession> {
    const graph = { ...given, model: deviceForm(given.model, options.ep) };
    const label = `the training step of ${graph.model.label}`;
    const several = turns ? inTurns(graph, slotsOf(graph)) : undefined;
    if (several) {
      const session = await openSession(encodeModel(several.model), { label, ...options }).catch(() => undefined);
      if (session) return new StepSession(graph, session, several);
    }
    // What ONNX Runtime does not take inside of a Scan runs step by step.
    return new StepSession(graph, await openSession(encodeModel(graph.model), { label, ...options }), undefined);
  }

  /** Whether several steps can be one run. */
  get hasTurns(): boolean {
    return this.turns !== undefined;
  }

  /** Steps done. */
  get step(): number {
    return this.steps;
  }

  /** One step on one batch, or one part of a step. Throws RUNTIME_RUN, after which the parameters are what they were. */
  async run({ feeds, rate, part = WHOLE }: StepFeeds): Promise<Stepped> {
    const { graph, turns } = this;
    if (turns) return (await this.runTurns([{ feeds, rate }], turns))[0] as Stepped;
    if (!graph.sums && !(part.isFirst && part.isLast)) throw defect('a part of a step whose graph adds nothing up');
    const before = part.isFirst ? this.none : this.sums;
    const own = [...this.current, ...before];
    const numbers = [
      [graph.rate, one(rate)],
      [graph.step, one(this.steps + 1)],
      ...(graph.sums ? [[graph.sums.share, one(part.share)] as const] : []),
    ] as const;
    const wanted = new Set(this.session.inputs.map(({ name }) => name));
    const used = new Map([...feeds, ...own, ...numbers].filter(([name]) => wanted.has(name)));
    const moving = part.isLast ? slotsOf(graph) : graph.statistics;
    const adding = part.isLast ? [] : (graph.sums?.slots ?? []);
    const into = new Map([...buffersOf(moving, this.next), ...buffersOf(adding, this.nextSums)]);
    const idle = [...slotsOf(graph), ...(graph.sums?.slots ?? [])].filter(({ next }) => !into.has(next));
    const results = await this.session.run(used, into, new Set(idle.map(({ next }) => next)));
    this.move(moving);
    [this.sums, this.nextSums] = [this.nextSums, this.sums];
    if (part.isLast) this.steps += 1;
    const [loss, output] = [results.get(graph.loss), results.get(graph.output)];
    if (!loss || !output) throw defect('a step without a loss');
    return { loss: toReals(loss, graph.loss)[0] as number, output };
  }

  /** Steps on batches of one shape, one after the other; in one run where that was opened for. Throws RUNTIME_RUN. */
  async runAll(steps: readonly Omit<StepFeeds, 'part'>[]): Promise<readonly Stepped[]> {
    if (this.turns) return this.runTurns(steps, this.turns);
    const all: Stepped[] = [];
    for (const step of steps) all.push(await this.run(step));
    return all;
  }

  private async runTurns(steps: readonly Omit<StepFeeds, 'part'>[], { outer }: Turns): Promise<readonly Stepped[]> {
    const { graph } = this;
    const numbers = (values: readonly number[]) => ndarray(FLOAT, [values.length], Float32Array.from(values));
    const names = [...(steps[0]?.feeds.keys() ?? [])];
    const fed = [
      ...names.map((name) => [name, stacked(steps.map(({ feeds }) => feeds.get(name) as NdArray))] as const),
      [graph.rate, numbers(steps.map(({ rate }) => rate))] as const,
      [graph.step, numbers(steps.map((_, i) => this.steps + 1 + i))] as const,
      ...this.current,
    ];
    const wanted = new Set(this.session.inputs.map(({ name }) => name));
    const feeds = new Map(
      fed.map(([name, array]) => [outer(name), array] as const).filter(([name]) => wanted.has(name)),
    );
    const into = new Map(slotsOf(graph).map(({ name, next }) => [outer(next), this.next.get(name) as NdArray]));
    const results = await this.session.run(feeds, into);
    this.move(slotsOf(graph));
    this.steps += steps.length;
    const [losses, outputs] = [results.get(outer(graph.loss)), results.get(outer(graph.output))];
    if (!losses || !outputs) throw defect('steps without a loss');
    return steps.map((_, i) => ({
      loss: toReals(losses, graph.loss)[i] as number,
      output: entryOf(outputs, i),
    }));
  }

  /** What was made takes the place of what it was made from. */
  private move(slots: readonly Slot[]): void {
    const [current, next] = [new Map(this.current), new Map(this.next)];
    for (const { name } of slots) {
      current.set(name, this.next.get(name) as NdArray);
      next.set(name, this.current.get(name) as NdArray);
    }
    [this.current, this.next] = [current, next];
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
