/** Artifacts of either flavour as graphs in standard operators, with the names of all that goes in and comes out. */
import { artifactsFormat, quoted } from '../../errors.js';
import type { Model, Value } from '../../ir/model.js';
import { verifyModel } from '../../ir/verify.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { statesOf } from '../optimizers.js';
import { type Artifacts, inputFor, isMicrosoft, loadArtifacts, withoutStatistics } from './load.js';
import { accumulatedOf, bufferOf, LEARNING_RATE, momentOf, nextOf, RESET, STEP } from './names.js';
import { portableOptimizer, portableTraining } from './portable.js';
import { find } from './start.js';

/** Three graphs that work on one state. */
export interface PortableSet {
  readonly training: Model;
  readonly eval: Model;
  readonly optimizer: Model;
  readonly checkpoint: Checkpoint;
  readonly trained: readonly Value[];
  readonly frozen: readonly Value[];
  /** What the optimizer remembers of each parameter: `momentum0`, .. */
  readonly moments: readonly string[];
  /** Frozen parameters that a training step replaces. */
  readonly running: readonly string[];
  readonly loss: string;
  /** Further outputs. */
  readonly outputs: readonly string[];
}

/** Reads artifacts of either flavour. Throws ARTIFACTS_FORMAT where they do not fit each other, and what `loadArtifacts` throws. */
export const toPortable = (artifacts: Artifacts): PortableSet =>
  isMicrosoft(artifacts.training) ? fromMicrosoft(artifacts) : fromPortable(artifacts);

function fromMicrosoft(artifacts: Artifacts): PortableSet {
  const loaded = loadArtifacts(artifacts);
  const { graph, optimizer, checkpoint } = loaded;
  return {
    training: portableTraining(graph),
    eval: loaded.eval,
    optimizer: portableOptimizer(loaded, graph.trained, graph.model.opsets.get('') ?? 0),
    checkpoint,
    trained: graph.trained,
    frozen: graph.frozen,
    moments: statesOf(optimizer),
    running: [...graph.updates.keys()],
    loss: graph.loss,
    outputs: graph.outputs.map(({ name }) => name),
  };
}

const MOMENTS: readonly string[] = ['momentum0', 'momentum1'];

const namesOf = (values: readonly Value[]): ReadonlySet<string> => new Set(values.map(({ name }) => name));

function fromPortable({ training, eval: evaluation, optimizer, checkpoint }: Artifacts): PortableSet {
  for (const model of [training, evaluation, optimizer]) verifyModel(model);
  const inputs = namesOf(training.graph.inputs);
  const known = training.graph.inputs.filter(({ name }) => checkpoint.trained.has(name) || checkpoint.frozen.has(name));
  const isTrained = ({ name }: Value): boolean => inputs.has(bufferOf(name));
  const values = (some: readonly Value[]) => some.map(({ name }) => inputFor(find(checkpoint, name)));
  const trained = values(known.filter(isTrained));
  const frozen = values(known.filter((value) => !isTrained(value)));
  const made = namesOf(training.graph.outputs);
  const running = frozen.map(({ name }) => name).filter((name) => made.has(nextOf(name)));
  const own = new Set([...trained.map(({ name }) => accumulatedOf(name)), ...running.map(nextOf)]);
  const [loss, ...outputs] = [...made].filter((name) => !own.has(name));
  const [first] = trained;
  if (!first) throw artifactsFormat(training.label, 'it trains no parameter of the checkpoint');
  if (loss === undefined) throw artifactsFormat(training.label, 'it has no loss');
  const moments = MOMENTS.filter((moment) => namesOf(optimizer.graph.inputs).has(momentOf(first.name, moment)));
  const names = trained.map(({ name }) => name);
  expectNames(training, [...inputs], [RESET]);
  expectNames(training, [...made], names.map(accumulatedOf));
  const states = names.flatMap((name) => [name, ...moments.map((moment) => momentOf(name, moment))]);
  const fed = [LEARNING_RATE, STEP, ...states, ...names.map(accumulatedOf)];
  expectNames(optimizer, fed, [...namesOf(optimizer.graph.inputs)]);
  expectNames(optimizer, [...namesOf(optimizer.graph.outputs)], states.map(nextOf));
  const set = { training, eval: withoutStatistics(evaluation), optimizer, checkpoint };
  return { ...set, trained, frozen, moments, running, loss, outputs };
}

/** Refuses a model where one of the names is missing. */
function expectNames(model: Model, there: readonly string[], wanted: readonly string[]): void {
  const lost = wanted.find((name) => !there.includes(name));
  if (lost !== undefined) throw artifactsFormat(model.label, `${quoted(lost)} fits no other part of the artifacts`);
}
