/**
 * Artifacts step by step, with the surface of onnxruntime-training's own session: gradients may add up over several batches before the
 * optimizer moves the parameters. `joinStep` with a `TrainingSession` is faster where they do not.
 */
import { defect, usage } from '../../errors.js';
import { BOOL, FLOAT, INT64 } from '../../ir/dtype.js';
import type { Model, Tensor, Value } from '../../ir/model.js';
import { constructorOf, fromReals, type NdArray, ndarray, toReals } from '../../ir/ndarray.js';
import { elementCount } from '../../ir/numeric.js';
import { encodeModel } from '../../onnx/write.js';
import { openSession, type Session, type SessionOptions } from '../../runtime/session.js';
import { type Checkpoint, GROUP } from '../checkpoint/checkpoint.js';
import { statesOf } from '../optimizers.js';
import { exportInference } from './inference.js';
import { arrayOf, find } from './join.js';
import type { LoadedArtifacts } from './load.js';
import { accumulatedOf, bufferOf, LEARNING_RATE, momentOf, nextOf, RESET, STEP } from './names.js';
import { portableOptimizer, portableTraining } from './portable.js';
import { tensorOf } from './save.js';

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

/** Close it when done. */
export class ArtifactSession {
  learningRate: number;
  private steps: number;
  private startsOver = true;
  /** Parameters, moments and gradients, by their names in the portable models. */
  private readonly state: Map<string, NdArray>;

  private constructor(
    private readonly loaded: LoadedArtifacts,
    private readonly sessions: Sessions,
  ) {
    const { graph, optimizer, checkpoint } = loaded;
    const [group] = checkpoint.groups;
    this.learningRate = group?.initialLearningRate ?? RATE;
    this.steps = group?.step ?? 0;
    this.state = new Map(
      [...graph.trained, ...graph.frozen].map(({ name }) => [name, arrayOf(find(checkpoint, name))]),
    );
    for (const value of graph.trained) {
      this.state.set(bufferOf(value.name), zerosOf(value));
      for (const moment of statesOf(optimizer)) {
        const saved = group?.states.get(value.name)?.get(moment);
        this.state.set(momentOf(value.name, moment), saved ? arrayOf(saved) : zerosOf(value));
      }
    }
  }

  /** Throws ARTIFACTS_FORMAT, RUNTIME_LOAD, EP_UNAVAILABLE. */
  static async create(loaded: LoadedArtifacts, options: SessionOptions = {}): Promise<ArtifactSession> {
    const { graph } = loaded;
    const opset = graph.model.opsets.get('') ?? 0;
    const open = (model: Model) => openSession(encodeModel(model), { label: model.label, ...options });
    const train = await open(portableTraining(graph));
    const update = await open(portableOptimizer(loaded, graph.trained, opset));
    return new ArtifactSession(loaded, { train, update, judge: await open(loaded.eval) });
  }

  /** Steps that the optimizer has done. */
  get step(): number {
    return this.steps;
  }

  /** The loss and further outputs for a batch; its gradients are added to those of batches before. Throws RUNTIME_RUN. */
  async runTrainStep(feeds: Arrays): Promise<Arrays> {
    const { graph } = this.loaded;
    const reset = ndarray(BOOL, [1], Uint8Array.of(this.startsOver ? 1 : 0));
    const made = await run(this.sessions.train, new Map([...this.state, ...feeds, [RESET, reset]]));
    for (const { name } of graph.trained) this.keep(bufferOf(name), made.get(accumulatedOf(name)));
    for (const name of graph.updates.keys()) this.keep(name, made.get(nextOf(name)));
    this.startsOver = false;
    return only(made, [graph.loss, ...graph.outputs.map(({ name }) => name)]);
  }

  /** The same outside of training; nothing changes. Throws RUNTIME_RUN. */
  async runEvalStep(feeds: Arrays): Promise<Arrays> {
    return run(this.sessions.judge, new Map([...this.state, ...feeds]));
  }

  /** Moves the parameters by the gradients that have added up. Throws RUNTIME_RUN. */
  async runOptimizerStep(): Promise<void> {
    const { graph, optimizer } = this.loaded;
    const feeds = new Map(this.state);
    for (const { name } of graph.trained) feeds.set(accumulatedOf(name), this.state.get(bufferOf(name)) as NdArray);
    feeds.set(LEARNING_RATE, ndarray(FLOAT, [1], Float32Array.of(this.learningRate)));
    feeds.set(STEP, ndarray(INT64, [1], BigInt64Array.of(BigInt(this.steps + 1))));
    const made = await run(this.sessions.update, feeds);
    for (const { name } of graph.trained) {
      this.keep(name, made.get(nextOf(name)));
      for (const moment of statesOf(optimizer).map((each) => momentOf(name, each)))
        this.keep(moment, made.get(nextOf(moment)));
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
    const { graph, optimizer, checkpoint } = this.loaded;
    const now = (tensors: ReadonlyMap<string, Tensor>) =>
      new Map([...tensors].map(([name, tensor]) => [name, this.tensor(name) ?? tensor] as const));
    const moments = (name: string) =>
      new Map(
        statesOf(optimizer).flatMap((moment) => {
          const tensor = this.tensor(momentOf(name, moment));
          return tensor ? [[moment, { ...tensor, name: moment }] as const] : [];
        }),
      );
    const names = graph.trained.map(({ name }) => name).sort();
    const group = {
      name: GROUP,
      step: this.steps,
      initialLearningRate: this.learningRate,
      states: new Map(names.map((name) => [name, moments(name)] as const)),
    };
    return { ...checkpoint, trained: now(checkpoint.trained), frozen: now(checkpoint.frozen), groups: [group] };
  }

  /** The trained model without loss and labels. Throws USAGE for an output that it does not make. */
  exportModelForInferencing(outputs: readonly string[]): Model {
    const { trained, frozen } = this.checkpoint();
    return exportInference(this.loaded.eval, new Map([...trained, ...frozen]), outputs);
  }

  async close(): Promise<void> {
    for (const session of Object.values(this.sessions)) await session.close();
  }

  private values(trainableOnly: boolean): readonly Value[] {
    const { trained, frozen } = this.loaded.graph;
    return trainableOnly ? trained : [...trained, ...frozen];
  }

  private tensor(name: string): Tensor | undefined {
    const array = this.state.get(name);
    return array && tensorOf(name, array);
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
