/** Options that several commands share. */
import { IMPORTANCES } from '../lib/analysis/importance/index.js';
import type { Split } from '../lib/data/dataset.js';
import { parseNormalize } from '../lib/data/normalize.js';
import { usage } from '../lib/errors.js';
import type { Scope } from '../lib/transforms/pools.js';
import type { OptionTable } from './command.js';

const OUTPUT_GROUP = 'Output:';

/** What every command takes. */
export const COMMON = {
  json: { type: 'boolean', describe: 'Print one JSON document on stdout instead of text' },
  quiet: { type: 'boolean', describe: 'No progress and no notes on stderr' },
  verbose: { type: 'boolean', describe: 'Print the stack of an error' },
} as const satisfies OptionTable;

/** What commands take that run a model. */
export const RUNTIME = {
  ep: {
    type: 'string',
    requiresArg: true,
    describe: 'Execution provider of ONNX Runtime: cpu (default), cuda, webgpu, coreml, dml, .. No silent fallback',
  },
} as const satisfies OptionTable;

/** What commands take that write a model. */
export const OUTPUT = {
  output: { alias: 'o', type: 'string', requiresArg: true, group: OUTPUT_GROUP, describe: 'Where the model goes' },
  'dry-run': {
    type: 'boolean',
    group: OUTPUT_GROUP,
    describe: 'Print groups, sizes and expected memory; write nothing',
  },
  'in-place': { type: 'boolean', group: OUTPUT_GROUP, describe: 'Allow the output to take the place of an input' },
  'external-data': {
    type: 'boolean',
    group: OUTPUT_GROUP,
    describe: 'Put the weights into a file beside the model (--no-external-data: never). Default: above 2 GiB',
  },
  // yargs turns --no-validate into validate: false; the first entry is for the help, the second takes the value.
  'no-validate': {
    type: 'boolean',
    group: OUTPUT_GROUP,
    describe: 'Do not run the written file in ONNX Runtime before it gets its name',
  },
  validate: { type: 'boolean', hidden: true },
} as const satisfies OptionTable;

const SCORING_GROUP = 'Choosing neurons:';

const SCOPES = ['layer', 'global'] as const satisfies readonly Scope[];

/** What commands take that score neurons. */
export const SCORING = {
  importance: {
    choices: IMPORTANCES,
    requiresArg: true,
    group: SCORING_GROUP,
    describe: 'What makes a neuron important (docs/importance.md). Default: l2, the sum of its squared weights',
  },
  scope: {
    choices: SCOPES,
    requiresArg: true,
    group: SCORING_GROUP,
    describe: 'Whether neurons compete within their layer (default) or with all others',
  },
  seed: {
    type: 'number',
    requiresArg: true,
    group: SCORING_GROUP,
    describe: 'For --importance random, and for the shuffle of --samples. Default: 0',
  },
  'allow-nonfinite': {
    type: 'boolean',
    group: SCORING_GROUP,
    describe: 'Count NaN and infinite weights as nothing instead of refusing the model',
  },
} as const satisfies OptionTable;

const DATA_GROUP = 'Data:';

const SPLITS = ['train', 'test'] as const satisfies readonly Split[];

/** What commands take that run models on data; each says what its data is for, and its default split. */
export const DATA = {
  data: {
    type: 'string',
    requiresArg: true,
    group: DATA_GROUP,
    describe: 'A folder of IDX files (gz too), or an .npz with input and label',
  },
  split: { choices: SPLITS, requiresArg: true, group: DATA_GROUP, describe: 'Which part. Default: train' },
  samples: {
    type: 'number',
    requiresArg: true,
    group: DATA_GROUP,
    describe: 'How many, after a shuffle. Default: all',
  },
  batch: { type: 'number', requiresArg: true, group: DATA_GROUP, describe: 'Samples at once. Default: 64' },
  normalize: {
    type: 'string',
    requiresArg: true,
    group: DATA_GROUP,
    describe: 'MEAN,../STD,..: subtracted from pixels in [0, 1], and divided by, for each channel',
  },
  input: { type: 'string', requiresArg: true, group: DATA_GROUP, describe: 'Which input, where a model has several' },
} as const satisfies OptionTable;

/** What commands take that can score neurons on data. */
export const SCORING_DATA = {
  ...DATA,
  data: { ...DATA.data, describe: `For --importance activation and taylor, which need it: ${DATA.data.describe}` },
} as const satisfies OptionTable;

/** The values of DATA as the library names them. Throws USAGE. */
export const dataOptions = (given: {
  readonly data?: string | undefined;
  readonly split?: Split | undefined;
  readonly samples?: number | undefined;
  readonly batch?: number | undefined;
  readonly normalize?: string | undefined;
  readonly input?: string | undefined;
}) => ({
  data: given.data,
  split: given.split,
  samples: given.samples,
  batch: given.batch,
  normalize: given.normalize === undefined ? undefined : parseNormalize(given.normalize),
  input: given.input,
});

/** `--seed`: a whole number from 0 up. Throws USAGE. */
export function seedOf(seed: number | undefined): number | undefined {
  if (seed === undefined || (Number.isSafeInteger(seed) && seed >= 0)) return seed;
  throw usage(`--seed is a whole number from 0 up, not ${seed}`);
}

/** `1,2,.5` as numbers. Throws USAGE. */
export function numbersOf(name: string, text: string | undefined): readonly number[] | undefined {
  const numbers = text?.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!numbers?.some((each) => !Number.isFinite(each))) return numbers;
  throw usage(`--${name} takes numbers with commas between them, not ${JSON.stringify(text)}`);
}

/** `NAME=R` words as ratios by name. Throws USAGE. */
export function ratiosOf(words: readonly string[] | undefined): Readonly<Record<string, number>> | undefined {
  if (!words) return undefined;
  const pairs = words.map((word) => {
    const at = word.lastIndexOf('=');
    const [name, ratio] = [word.slice(0, Math.max(0, at)), word.slice(at + 1)];
    if (name !== '' && ratio.trim() !== '' && Number.isFinite(Number(ratio))) return [name, Number(ratio)] as const;
    throw usage(`--ratio-for takes NAME=R, not ${JSON.stringify(word)}`, 'For example --ratio-for conv1.weight=0.25.');
  });
  const twice = pairs.find(([name, ratio]) => pairs.some(([other, r]) => name === other && ratio !== r));
  if (twice) throw usage(`--ratio-for gives ${JSON.stringify(twice[0])} two ratios`, 'Give it once.');
  return Object.fromEntries(pairs);
}

/** The values of OUTPUT and RUNTIME as the library names them. */
export function outputOptions(given: {
  readonly output?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly 'in-place'?: boolean | undefined;
  readonly 'external-data'?: boolean | undefined;
  readonly validate?: boolean | undefined;
  readonly ep?: string | undefined;
}) {
  return {
    output: given.output,
    dryRun: given['dry-run'],
    inPlace: given['in-place'],
    externalData: given['external-data'],
    validate: given.validate,
    ep: given.ep,
  };
}
