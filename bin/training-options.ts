/** Options of the commands that train. */
import type { CheckOptions } from '../lib/commands/check-report.js';
import type { OptimizerOptions } from '../lib/commands/optimizer-options.js';
import type { TrainOptions } from '../lib/commands/train-options.js';
import { usage } from '../lib/errors.js';
import { LOSSES } from '../lib/training/losses.js';
import { SCHEDULES } from '../lib/training/schedule.js';
import type { OptionTable } from './command.js';
import { DATA, dataOptions, numbersOf, OUTPUT, outputOptions, RUNTIME, seedOf } from './options.js';

const GROUP = 'Training:';
const number = (describe: string) => ({ type: 'number', requiresArg: true, group: GROUP, describe }) as const;
const names = (describe: string) =>
  ({ type: 'string', array: true, requiresArg: true, group: GROUP, describe }) as const;
const OPTIMIZERS = ['sgd', 'adamw'] as const;

export const LOSS = {
  loss: {
    type: 'string',
    requiresArg: true,
    group: GROUP,
    describe: `What is made small: ${LOSSES.join(', ')}, or a model file that computes it. Default: cross-entropy`,
  },
} as const satisfies OptionTable;

export const CHECK = {
  check: {
    type: 'boolean',
    group: GROUP,
    describe: 'Only tell what would be trained, and which nodes have no gradient; needs no data',
  },
} as const satisfies OptionTable;

/** What commands take that make steps. */
export const OPTIMIZER = {
  optimizer: { choices: OPTIMIZERS, requiresArg: true, group: GROUP, describe: 'Default: sgd' },
  momentum: number('Of sgd. Default: 0.9'),
  nesterov: { type: 'boolean', group: GROUP, describe: "Nesterov's momentum" },
  'weight-decay': number('Default: 0 for sgd, 0.01 for adamw'),
  betas: { type: 'string', requiresArg: true, group: GROUP, describe: 'Of adamw: B1,B2. Default: .9,.999' },
  epsilon: number('Of adamw. Default: 1e-8'),
  clip: number('Largest norm of all gradients together. Default: none'),
  train: names('Only these parameters; * stands for any text. Default: all'),
  freeze: names('All but these parameters'),
  logits: { type: 'string', requiresArg: true, group: 'Data:', describe: 'Which output, where a model has several' },
} as const satisfies OptionTable;

/** How BatchNormalization is trained. */
const NORM = {
  'batch-norm': {
    choices: ['train', 'frozen'],
    requiresArg: true,
    group: GROUP,
    describe: "By each batch's statistics (default), or by the running ones as they are",
  },
  variance: {
    choices: ['unbiased', 'population'],
    requiresArg: true,
    group: GROUP,
    describe: "What goes into the running variance. Default: unbiased, PyTorch's",
  },
} as const satisfies OptionTable;

/** How a training goes, wherever its data comes from. */
export const EPOCHS = {
  epochs: number('How often to go through the data. Default: 1'),
  ...OPTIMIZER,
  ...NORM,
  accumulate: number('Batches of one update, as one batch so many times as large. Default: 1'),
  'steps-per-run': number('Steps that ONNX Runtime does at once, to the same numbers. Default: as many as take 0.2 s'),
  lr: number('Learning rate. Default: 0.01 for sgd, 0.001 for adamw'),
  schedule: { choices: SCHEDULES, requiresArg: true, group: GROUP, describe: 'How the rate goes. Default: constant' },
  warmup: number('Steps in which the rate rises from 0. Default: 0'),
  'lr-factor': number('Of --schedule step. Default: 0.1'),
  'lr-every': number('Epochs between two of its steps. Default: 1'),
  patience: number('Stop after so many epochs without a better evaluation. Default: never'),
  'keep-best': {
    type: 'boolean',
    group: GROUP,
    describe: 'End with the best evaluation (default); --no-keep-best: with the last epoch',
  },
  crop: number('Crop images at random out of a border of so many pixels. Default: 0'),
  flip: { type: 'boolean', group: GROUP, describe: 'Mirror images at random' },
  checkpoint: {
    type: 'string',
    requiresArg: true,
    group: GROUP,
    describe: 'Keep the state here after every epoch. Ctrl-C keeps it anyway, as OUT.checkpoint unless told',
  },
  resume: { type: 'string', requiresArg: true, group: GROUP, describe: 'Go on from such a state, to the same numbers' },
  threads: number('Of ONNX Runtime. Default: one a core'),
  'eval-data': {
    type: 'string',
    requiresArg: true,
    group: 'Data:',
    describe: 'Judge on this after each epoch. Default: the part test of the data, where it has one',
  },
} as const satisfies OptionTable;

export const TRAINING = {
  ...EPOCHS,
  seed: number('Of the order, the crops and the flips, and of --samples. Default: 0'),
  history: {
    type: 'string',
    requiresArg: true,
    group: 'Output:',
    describe: 'Write the history too: FILE.json, or FILE.html with plots',
  },
  ...DATA,
  data: { ...DATA.data, describe: `${DATA.data.describe} (required)` },
  ...OUTPUT,
  ...RUNTIME,
} as const satisfies OptionTable;

/** What yargs makes of EPOCHS. */
type GivenEpochs = {
  readonly [K in
    | 'epochs'
    | 'lr'
    | 'momentum'
    | 'weight-decay'
    | 'clip'
    | 'epsilon'
    | 'accumulate'
    | 'steps-per-run'
    | 'warmup'
    | 'lr-factor'
    | 'lr-every'
    | 'patience'
    | 'crop'
    | 'threads']?: number | undefined;
} & { readonly [K in 'nesterov' | 'keep-best' | 'flip']?: boolean | undefined } & {
  readonly [K in 'train' | 'freeze']?: readonly string[] | undefined;
} & { readonly [K in 'eval-data' | 'logits' | 'checkpoint' | 'resume' | 'betas']?: string | undefined } & {
  readonly 'batch-norm'?: TrainOptions['batchNorm'];
} & Pick<TrainOptions, 'optimizer' | 'schedule' | 'variance'>;

/** What yargs makes of TRAINING. */
type Given = Parameters<typeof outputOptions>[0] &
  Parameters<typeof dataOptions>[0] &
  GivenEpochs & { readonly seed?: number | undefined; readonly history?: string | undefined };

/** The values of EPOCHS as the library names them. Throws USAGE. */
export function epochsOptions(given: GivenEpochs) {
  const { epochs, accumulate, lr, schedule, warmup, patience, crop, flip } = given;
  return {
    ...stepOf(given),
    ...{ epochs, accumulate, lr, schedule, warmup, patience, crop, flip },
    stepsPerRun: given['steps-per-run'],
    lrFactor: given['lr-factor'],
    lrEvery: given['lr-every'],
    keepBest: given['keep-best'],
    threads: given.threads,
    evalData: given['eval-data'],
    checkpoint: given.checkpoint,
    resume: given.resume,
  };
}

/** The values of TRAINING as the library names them. Throws USAGE. */
export function trainingOptions(given: Given): TrainOptions {
  const { data, ...rest } = dataOptions(given);
  if (data === undefined) throw usage('training needs --data', 'Give a folder of a data set, or an .npz.');
  const seed = seedOf(given.seed);
  return { data, ...rest, ...outputOptions(given), ...epochsOptions(given), seed, history: given.history };
}

/** What decides the graph of a step. Throws USAGE. */
function stepOf(given: GivenEpochs) {
  const { logits, variance } = given;
  return { ...optimizerOptions(given), logits, batchNorm: given['batch-norm'], variance };
}

/** The values of OPTIMIZER as the library names them. Throws USAGE. */
export function optimizerOptions(
  given: Pick<GivenEpochs, keyof typeof OPTIMIZER>,
): Pick<TrainOptions, keyof OptimizerOptions | 'clip' | 'train' | 'freeze'> {
  const { optimizer, momentum, nesterov, epsilon, clip, train, freeze } = given;
  const [weightDecay, betas] = [given['weight-decay'], numbersOf('betas', given.betas)];
  return { optimizer, momentum, nesterov, weightDecay, betas, epsilon, clip, train, freeze };
}

/** What of it `train --check` looks at. */
export const checkOptions = (given: Given & Pick<TrainOptions, 'loss'>): CheckOptions => ({
  loss: given.loss,
  input: given.input,
  ...stepOf(given),
});
