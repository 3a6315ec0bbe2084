/** What a training trains where it begins with training artifacts: they decide the loss, the optimizer and what moves. */
import { inferShapes } from '../analysis/shapes.js';
import { quoted, usage } from '../errors.js';
import { REAL_TYPES } from '../ir/dtype.js';
import type { Graph, Tensor, Value } from '../ir/model.js';
import { definedNames } from '../ir/walk.js';
import { exportInference } from '../training/artifacts/inference.js';
import { fedTo, joinSet } from '../training/artifacts/join-set.js';
import { judgedValue } from '../training/artifacts/judged.js';
import { type Artifacts, LABELS } from '../training/artifacts/load.js';
import { type PortableSet, toPortable } from '../training/artifacts/portable-set.js';
import { find, stateOf } from '../training/artifacts/start.js';
import type { JudgingGraph } from '../training/judging-graph.js';
import type { StepGraph } from '../training/step-graph.js';
import { ARTIFACTS } from './answering.js';
import { flagOf } from './options.js';
import { TRAINING } from './train-options.js';
import type { Trainee, TraineeOptions } from './trainee.js';
import { trainedInput } from './training-inputs.js';

/** Options that artifacts have decided when they were made. */
const DECIDED = [
  'loss',
  'optimizer',
  'momentum',
  'nesterov',
  'weightDecay',
  'betas',
  'epsilon',
  'batchNorm',
  'variance',
  'clip',
  'train',
  'freeze',
] as const;

/** Throws USAGE for an option that the artifacts have decided. */
export function checkUndecided(folder: string, options: TraineeOptions): void {
  if ((options.accumulate ?? 1) > 1)
    throw usage(
      `--accumulate is for models, not for the artifacts in ${quoted(folder)}`,
      'Train the model from which they were made, or call TrainingSession in a program: it adds gradients up.',
    );
  const found = DECIDED.find((name) => options[name] !== undefined);
  if (!found) return;
  throw usage(
    `the artifacts in ${quoted(folder)} have decided what ${flagOf(found)} tells`,
    'Leave it out, or make other artifacts: `artifacts MODEL -o DIR` takes it.',
  );
}

/** A trainee that came out of artifacts. */
export interface ArtifactTrainee extends Trainee {
  readonly set: PortableSet;
  /** The value that the loss judges. */
  readonly judged: string;
  /** What the inference model gives. */
  readonly outputs: readonly string[];
}

/**
 * Artifacts of either flavour, from their checkpoint on. Throws USAGE where it cannot be told which input takes the labels or which
 * value the loss judges, ARTIFACTS_FORMAT, OP_UNSUPPORTED, DATA_MISMATCH.
 */
export function artifactTrainee(artifacts: Artifacts, options: TraineeOptions): ArtifactTrainee {
  const set = toPortable(artifacts);
  const { checkpoint, eval: evaluation } = set;
  const fed = fedTo(set);
  const labels = labelsAmong(fed, options.input);
  const input = trainedInput(
    fed.filter((value) => value !== labels),
    options.input,
  );
  const judged = options.logits ?? judgedValue(evaluation.graph, [input.name], labels.name);
  if (judged === undefined || !definedNames(evaluation.graph).has(judged)) throw notJudged(judged);
  const graph = joinSet(set, { labels: labels.name, judged });
  const outputs = outputsOf(evaluation.graph, judged);
  const saved = checkpoint.groups[0]?.initialLearningRate ?? 0;
  return {
    set,
    judged,
    outputs,
    graph,
    start: stateOf(graph, checkpoint),
    checkpoint,
    input,
    loss: REAL_TYPES.has(labels.dtype ?? 0) ? ARTIFACTS : TRAINING.loss,
    // What the optimizer remembers tells them apart: AdamW two moments, SGD one or none.
    rate: saved > 0 ? saved : TRAINING.lr[set.moments.length === 2 ? 'adamw' : 'sgd'],
    judging: () => judgingOf(set, graph, judged, labels.name),
    finish: (parameters) => {
      const frozen = [...checkpoint.trained, ...checkpoint.frozen];
      const now = new Map([...frozen, ...parameters.map((tensor) => [tensor.name, tensor] as const)]);
      return exportInference(evaluation, now, outputs);
    },
  };
}

const notJudged = (judged: string | undefined) =>
  usage(
    judged === undefined
      ? 'the artifacts do not show which value their loss judges'
      : `the evaluation model makes no value ${quoted(judged)}`,
    'Name the output of the model with --logits.',
  );

/** The input that takes the labels: by its name, or the one beside the input that is named. Throws USAGE. */
function labelsAmong(fed: readonly Value[], input: string | undefined): Value {
  const others = fed.filter(({ name }) => name !== input);
  const known = others.find(({ name }) => LABELS.includes(name));
  const [only, second] = others;
  const found = known ?? (input !== undefined && !second ? only : undefined);
  if (found) return found;
  const names = fed.map(({ name }) => quoted(name)).join(', ') || 'none';
  throw usage(
    `the artifacts have no input ${LABELS.map(quoted).join(' or ')} for the labels`,
    `Name with --input the one that takes the samples; the other takes the labels. Inputs: ${names}.`,
  );
}

/** What the inference model gives: all that the evaluation model tells beside the loss, and what the loss judges. */
function outputsOf({ outputs }: Graph, judged: string): readonly string[] {
  const [, ...others] = outputs.map(({ name }) => name);
  return others.includes(judged) ? others : [...others, judged];
}

/** The evaluation model with the parameters that move as inputs, all others as constants. */
function judgingOf(
  { eval: evaluation, checkpoint }: PortableSet,
  step: StepGraph,
  judged: string,
  labels: string,
): JudgingGraph {
  const { graph } = evaluation;
  const moving = new Set([...step.parameters, ...step.statistics].map(({ name }) => name));
  const still = [...checkpoint.trained.keys(), ...checkpoint.frozen.keys()].filter((name) => !moving.has(name));
  const constants = still.map((name): readonly [string, Tensor] => [name, find(checkpoint, name)]);
  const listed = new Set(graph.inputs.map(({ name }) => name));
  const missing = [...step.parameters, ...step.statistics].filter(({ name }) => !listed.has(name));
  const inputs = [
    ...graph.inputs.filter(({ name }) => !still.includes(name)),
    ...missing.map(({ name, dtype, dims }): Value => ({ name, dtype, shape: dims })),
  ];
  const loss = graph.outputs[0] as Value;
  const { dtype, shape } = inferShapes(evaluation).get(judged) ?? {};
  const outputs = judged === loss.name ? [loss] : [loss, { name: judged, dtype, shape }];
  const model = {
    ...evaluation,
    graph: { ...graph, inputs, outputs, initializers: new Map([...graph.initializers, ...constants]) },
  };
  return { model, labels, loss: loss.name, output: judged };
}
