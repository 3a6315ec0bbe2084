/** Options that say on what inputs to run a model. */
import { quoted, usage } from '../lib/errors.js';
import type { Range } from '../lib/runtime/feeds.js';
import type { OptionTable } from './command.js';
import { seedOf } from './options.js';

const GROUP = 'Inputs:';

export const INPUTS = {
  inputs: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: GROUP,
    describe: 'Archives (.npz), each with one array for each input, by name. Default: random inputs',
  },
  runs: {
    type: 'number',
    requiresArg: true,
    group: GROUP,
    describe: 'How many sets of random inputs. Default: 1, with --inputs none',
  },
  seed: {
    type: 'number',
    requiresArg: true,
    group: GROUP,
    describe: 'Of the first random set; each further one has the next. Default: 0',
  },
  batch: {
    type: 'number',
    requiresArg: true,
    group: GROUP,
    describe: 'Length of open axes. Default: 2, spatial ones 32',
  },
  size: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: GROUP,
    describe: 'NAME=N: length of the open axes of this name',
  },
  range: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: GROUP,
    describe: 'NAME=LOW,HIGH: what the elements of an input lie between. Default: integers 0 or 1, real ones normal',
  },
} as const satisfies OptionTable;

/** A number that is written out: no empty text, nothing but digits. */
const numberIn = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** `NAME=VALUE` words by name, the last `=` counts. Throws USAGE. */
function namedValues<T>(
  option: string,
  words: readonly string[] | undefined,
  form: string,
  read: (text: string) => T | undefined,
): ReadonlyMap<string, T> | undefined {
  if (!words) return undefined;
  const values = new Map<string, T>();
  for (const word of words) {
    const at = word.lastIndexOf('=');
    const [name, value] = [word.slice(0, Math.max(0, at)), read(word.slice(at + 1))];
    if (name === '' || value === undefined) throw usage(`--${option} takes ${form}, not ${quoted(word)}`);
    if (values.has(name)) throw usage(`--${option} gives ${quoted(name)} twice`, 'Give it once.');
    values.set(name, value);
  }
  return values;
}

/** The words of `--size` as lengths by name; undefined where there are none. Throws USAGE. */
export const namedSizes = (words: readonly string[] | undefined): ReadonlyMap<string, number> | undefined =>
  namedValues('size', words, 'NAME=N', sizeOf);

function sizeOf(text: string): number | undefined {
  const size = numberIn(text);
  return Number.isNaN(size) ? undefined : size;
}

function rangeOf(text: string): Range | undefined {
  const [low = Number.NaN, high = Number.NaN, ...more] = text.split(',').map(numberIn);
  return Number.isNaN(low + high) || more.length > 0 ? undefined : [low, high];
}

/** The values of INPUTS as the library names them. Throws USAGE. */
export const inputOptions = (given: {
  readonly inputs?: readonly string[] | undefined;
  readonly runs?: number | undefined;
  readonly seed?: number | undefined;
  readonly batch?: number | undefined;
  readonly size?: readonly string[] | undefined;
  readonly range?: readonly string[] | undefined;
}) => ({
  inputs: given.inputs,
  runs: given.runs,
  seed: seedOf(given.seed),
  batch: given.batch,
  sizes: namedSizes(given.size),
  ranges: namedValues('range', given.range, 'NAME=LOW,HIGH', rangeOf),
});
