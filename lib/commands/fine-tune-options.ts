/** Options of a fusion that fine-tunes: on what, how, and in which order. */
import { quoted, usage } from '../errors.js';
import type { DataSource } from './data-source.js';
import type { Method } from './fuse-models.js';
import { flagOf } from './options.js';
import { checkTrainOptions, recipeOptions, type TrainOptions } from './train-options.js';

export const ORDERS = ['fuse-train', 'concat-train-prune', 'concat-train-prune-train'] as const;
/** What comes after what: fuse and train; or train all members' neurons side by side, prune to one member's widths, and maybe train again. */
export type Order = (typeof ORDERS)[number];

/** How to fine-tune; `data` and what says how to read it are shared with the scoring of neurons. */
export interface FineTuneOptions extends Omit<TrainOptions, 'data' | 'history'> {
  /** Path of a data set to train on after the fusion, or in the middle of it; or batches of your own. */
  readonly fineTune?: string | DataSource | undefined;
  /** `fuse-train` unless told. */
  readonly order?: Order | undefined;
}

export const ORDER: Order = 'fuse-train';

/** Options that mean nothing without `fineTune`. */
const TRAINING_ONLY = [
  'order',
  'evalData',
  'loss',
  'logits',
  'epochs',
  'optimizer',
  'lr',
  'momentum',
  'nesterov',
  'weightDecay',
  'betas',
  'epsilon',
  'batchNorm',
  'variance',
  'accumulate',
  'stepsPerRun',
  'clip',
  'train',
  'freeze',
  'schedule',
  'warmup',
  'lrFactor',
  'lrEvery',
  'patience',
  'keepBest',
  'crop',
  'flip',
  'checkpoint',
  'resume',
  'threads',
] as const satisfies readonly (keyof FineTuneOptions)[];

/** The options of the trainings. */
export function trainingOf({ fineTune = '', order, ...options }: FineTuneOptions): TrainOptions {
  return { ...options, data: fineTune };
}

/** What a recipe says of order and trainings, and not of where the data lies; nothing where none was asked for. */
export function fineTuneRecipe(options: FineTuneOptions): { readonly fineTune?: Readonly<Record<string, unknown>> } {
  if (options.fineTune === undefined) return {};
  const training = recipeOptions(trainingOf(options));
  const own = [...TRAINING_ONLY, ...READING].map((name) => [name, training[name]] as const);
  return {
    fineTune: { ...Object.fromEntries(own.filter(([, value]) => value !== undefined)), order: options.order ?? ORDER },
  };
}

/** Options that say how the data is read, for scoring and for training. */
const READING = ['split', 'samples', 'batch', 'normalize', 'input', 'ep'] as const;

/** What of a fusion's own options an order must fit. */
interface Fusion {
  readonly method: Method;
  readonly strategy: string;
  readonly transfer: number;
}

/** Throws USAGE for training options without data to train on, for numbers that make no sense, and for an order that does not fit. */
export function checkFineTune(options: FineTuneOptions, { method, strategy, transfer }: Fusion): void {
  if (options.fineTune === undefined) {
    const found = TRAINING_ONLY.find((name) => options[name] !== undefined);
    if (found)
      throw usage(`${flagOf(found)} is for --fine-tune`, 'Add --fine-tune with a folder of a data set or an .npz.');
    return;
  }
  checkTrainOptions(options);
  const { order = ORDER } = options;
  if (!ORDERS.includes(order)) throw usage(`there is no order ${quoted(order)}`, `Choose one of ${ORDERS.join(', ')}.`);
  if (order === 'fuse-train') return;
  const wrong = [
    ...(method === 'transplant' ? [] : [`--method ${method}`]),
    ...(strategy === 'joint' ? [] : [`--strategy ${strategy}`]),
    ...(transfer === 1 ? [] : ['--transfer']),
  ];
  if (wrong.length === 0) return;
  throw usage(
    `--order ${order} prunes all members' neurons at once, after they were trained together; it has no ${wrong[0]}`,
    'Use --order fuse-train.',
  );
}
