/**
 * Artifacts step by step, with the surface of onnxruntime-training's own session: gradients may add up over several batches before the
 * optimizer moves the parameters. `joinArtifacts` with a `StepSession` is faster where they do not.
 */
import { defect, usage } from '../../errors.js';
import { BOOL, FLOAT, INT64 } from '../../ir/dtype.js';
import type { Model, Tensor, Value } from '../../ir/model.js';
import { constructorOf, fromReals, type NdArray, ndarray, toReals } from '../../ir/ndarray.js';
import { elementCount } from '../../ir/numeric.js';
import { encodeModel } from '../../onnx/write.js';
import { openSession, type Session, type SessionOptions } from '../../runtime/session.js';
import { type Checkpoint, GROUP } from '../checkpoint/checkpoint.js';
import { deviceForm } from '../device-form.js';
import { exportInference } from './inference.js';
import type { Artifacts } from './load.js';
import { accumulatedOf, bufferOf, LEARNING_RATE, momentOf, nextOf, RESET, STEP } from './names.js';
import { type PortableSet, toPortable } from './portable-set.js';
import { tensorOf } from './save.js';
import { arrayOf, find } from './start.js';

type Arrays = ReadonlyMap<string, NdArray>;

/** The learning rate of onnxruntime-training before one is set. */
const RATE = 1e-3;

const dimsOf = ({ shape = [] }: Value): readonly number[] =>
  shape.filter((dim): dim is number => typeof dim === 'number');

function zerosOf(value: Value): NdArray {
  const { dtype = FLOAT, name } = value;
  const make = constructorOf(dtype);
  if (!make) throw defect(`the parameter ${name} is of type ${dtype}`);
  return ndarray(dtype, dimsOf(value), new make(elementCount(dimsOf(value))));
}

interface Sessions {
  readonly train: Session;
  readonly update: Session;
  readonly judge: Session;
}

/** Trains from artifacts step by step. Close it when done. */
export class TrainingSession {
  learningRate: number;
  private steps: number;
  private startsOver = true;
  /** Parameters, moments and gradients, by their names in the portable models. */
  private readonly state: Map<string, NdArray>;

  private constructor(
    private readonly set: PortableSet,
    private readonly sessions: Sessions,
  ) {
    const { trained, frozen, moments, checkpoint } = set;
    const [group] = checkpoint.groups;
    this.learningRate = group?.initialLearningRate ?? RATE;
    this.steps = group?.step ?? 0;
    this.state = new Map([...trained, ...frozen].map(({ name }) => [name, arrayOf(find(checkpoint, name))]));
    for (const value of trained) {
      this.state.set(bufferOf(value.name), zerosOf(value));
      for (const moment of moments) {
        const saved = group?.states.get(value.name)?.get(moment);
        this.state.set(momentOf(value.name, moment), saved ? arrayOf(saved) : zerosOf(value));
      }
    }
  }

  /** Takes artifacts of either flavour. Throws ARTIFACTS_FORMAT, RUNTIME_LOAD, EP_UNAVAILABLE, and what `loadArtifacts` throws. */
  static async create(artifacts: Artifacts, options: SessionOptions = {}): Promise<TrainingSession> {
    const set = toPortable(artifacts);
    const open = (model: Model) => openSession(encodeModel(model), { label: model.label, ...options });
    const train = await open(deviceForm(set.training, options.ep));
    const update = await open(set.optimizer);
    return new TrainingSession(set, { train, update, judge: await open(set.eval) });
  }

  /** Steps that the optimizer has done. */
  get step(): number {
    return this.steps;
  }

  /** The loss and further outputs for a batch; its gradients are added to those of batches before. Throws RUNTIME_RUN. */
  async runTrainStep(feeds: Arrays): Promise<Arrays> {
    const { trained, running, loss, outputs } = this.set;
    const reset = ndarray(BOOL, [1], Uint8Array.of(this.startsOver ? 1 : 0));
    const made = await run(this.sessions.train, new Map([...this.state, ...feeds, [RESET, reset]]));
    for (const { name } of trained) this.keep(bufferOf(name), made.get(accumulatedOf(name)));
    for (const name of running) this.keep(name, made.get(nextOf(name)));
    this.startsOver = false;
    return only(made, [loss, ...outputs]);
  }

  /** The same outside of training; nothing changes. Throws RUNTIME_RUN. */
  async runEvalStep(feeds: Arrays): Promise<Arrays> {
    return run(this.sessions.judge, new Map([...this.state, ...feeds]));
  }

  /** Moves the parameters by the gradients that have added up. Throws RUNTIME_RUN. */
  async runOptimizerStep(): Promise<void> {
    const { trained, moments } = this.set;
    const feeds = new Map(this.state);
    for (const { name } of trained) feeds.set(accumulatedOf(name), this.state.get(bufferOf(name)) as NdArray);
    feeds.set(LEARNING_RATE, ndarray(FLOAT, [1], Float32Array.of(this.learningRate)));
    feeds.set(STEP, ndarray(INT64, [1], BigInt64Array.of(BigInt(this.steps + 1))));
    const made = await run(this.sessions.update, feeds);
    for (const { name } of trained) {
      for (const each of [name, ...moments.map((moment) => momentOf(name, moment))])
        this.keep(each, made.get(nextOf(each)));
    }
    this.steps += 1;
  }

  /** Lets the next train step start over instead of adding up. */
  lazyResetGrad(): void {
    this.startsOver = true;
  }

  /** How many numbers the parameters hold. */
  getParametersSize(trainableOnly = true): number {
    return this.values(trainableOnly).reduce((sum, value) => sum + elementCount(dimsOf(value)), 0);
  }

  /** All parameters, one after the other. */
  getContiguousParameters(trainableOnly = true): Float32Array {
    const all = new Float32Array(this.getParametersSize(trainableOnly));
    let at = 0;
    for (const { name } of this.values(trainableOnly)) {
      const reals = toReals(this.state.get(name) as NdArray, name);
      all.set(reals, at);
      at += reals.length;
    }
    return all;
  }

  /** Takes parameters as `getContiguousParameters` gives them. Throws USAGE where there are more or fewer. */
  loadParametersBuffer(numbers: Float32Array, trainableOnly = true): void {
    const size = this.getParametersSize(trainableOnly);
    if (numbers.length !== size) throw usage(`${numbers.length} numbers for parameters of ${size}`);
    let at = 0;
    for (const { name } of this.values(trainableOnly)) {
      const { dtype, dims } = this.state.get(name) as NdArray;
      const part = numbers.slice(at, at + elementCount(dims));
      this.state.set(name, fromReals(part, dtype, dims, name));
      at += part.length;
    }
  }

  /** All that is needed to go on. */
  checkpoint(): Checkpoint {
    const { trained, moments, checkpoint } = this.set;
    const now = (tensors: ReadonlyMap<string, Tensor>) =>
      new Map([...tensors].map(([name, tensor]) => [name, this.tensor(name, name) ?? tensor] as const));
    const stateOf = (name: string) =>
      new Map(
        moments.flatMap((moment) => {
          const tensor = this.tensor(momentOf(name, moment), moment);
          return tensor ? [[moment, tensor] as const] : [];
        }),
      );
    const names = trained.map(({ name }) => name).sort();
    const group = {
      name: GROUP,
      step: this.steps,
      initialLearningRate: this.learningRate,
      states: new Map(names.map((name) => [name, stateOf(name)] as const)),
    };
    return { ...checkpoint, trained: now(checkpoint.trained), frozen: now(checkpoint.frozen), groups: [group] };
  }

  /** The trained model without loss and labels. Throws USAGE for an output that it does not make. */
  exportModelForInferencing(outputs: readonly string[]): Model {
    const { trained, frozen } = this.checkpoint();
    return exportInference(this.set.eval, new Map([...trained, ...frozen]), outputs);
  }

  async close(): Promise<void> {
    for (const session of Object.values(this.sessions)) await session.close();
  }

  private values(trainableOnly: boolean): readonly Value[] {
    const { trained, frozen } = this.set;
    return trainableOnly ? trained : [...trained, ...frozen];
  }

  /** A copy of a part of the state, under another name. */
  private tensor(name: string, under: string): Tensor | undefined {
    const array = this.state.get(name);
    return array && tensorOf(under, array);
  }

  private keep(name: string, array: NdArray | undefined): void {
    if (!array) throw defect(`a step does not make ${name}`);
    this.state.set(name, array);
  }
}

/** Feeds what the model wants. */
async function run(session: Session, feeds: Arrays): Promise<Arrays> {
  return session.run(
    only(
      feeds,
      session.inputs.map(({ name }) => name),
    ),
  );
}

const only = (arrays: Arrays, names: readonly string[]): Arrays =>
  new Map([...arrays].filter(([name]) => names.includes(name)));
