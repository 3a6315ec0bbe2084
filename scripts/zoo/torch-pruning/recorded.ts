/** What torch-pruning made of a net of the zoo, as scripts/zoo/prune.py recorded it. */
import { parseNpy } from '../../../lib/data/npy.js';
import { zipContents, zipEntries } from '../../../lib/data/zip.js';
import type { NdArray } from '../../../lib/ir/ndarray.js';
import type { PruneOptions } from '../../../lib/transforms/prune.js';

/** Positions that torch-pruning kept on one side of a layer. */
export interface KeptSide {
  /** The layer's name in the PyTorch module. */
  readonly layer: string;
  readonly side: 'in' | 'out';
  /** Ascending. */
  readonly positions: readonly number[];
}

export interface Recorded {
  /** Arrays by the names of the inputs and outputs. */
  readonly inputs: ReadonlyMap<string, NdArray>;
  /** What the pruned net answers. */
  readonly outputs: ReadonlyMap<string, NdArray>;
  readonly kept: readonly KeptSide[];
  readonly options: PruneOptions;
}

const TEXT = 'options.npy';

/** NumPy keeps a text as UTF-32 behind its header, which ends with a line feed. */
function textOf(npy: Uint8Array): string {
  const start = 10 + new DataView(npy.buffer, npy.byteOffset).getUint16(8, true);
  // A copy, because elements must be aligned. (Buffer's own slice would be a view.)
  const codes = new Uint32Array(new Uint8Array(npy.subarray(start)).buffer);
  return [...codes].map((code) => String.fromCodePoint(code)).join('');
}

/** The options in words, as options of ours. Throws RangeError where they say something else than what is understood here. */
function optionsOf(words: string): PruneOptions {
  const ratio = /\bpruning_ratio=([\d.]+)/.exec(words)?.[1];
  const known = ['MetaPruner', 'GroupMagnitudeImportance(p=2)', 'local', 'prune_num_heads=False'];
  const missing = known.filter((each) => !words.split(/[,;] /).includes(each));
  if (ratio === undefined || missing.length > 0) throw new RangeError(`options that are not understood: ${words}`);
  return {
    ratio: Number(ratio),
    importance: 'l2',
    scope: 'layer',
    factors: 'inner',
    ignore: [],
    seed: 0,
    allowNonfinite: false,
  };
}

function keptSide(key: string, { data }: NdArray): readonly KeptSide[] {
  const [, side, layer] = /^(in|out):(.*)$/.exec(key) ?? [];
  if (layer === undefined) return [];
  return [{ layer, side: side === 'in' ? 'in' : 'out', positions: Array.from(data as ArrayLike<unknown>, Number) }];
}

/** Reads the bytes of a torch-pruning.npz. Throws DATA_FORMAT. */
export function parseRecorded(bytes: Uint8Array, path: string): Recorded {
  const entries = zipEntries(bytes, path);
  const contents = [...entries].map(([file, entry]) => [file, zipContents(bytes, entry, path)] as const);
  const arrays = contents
    .filter(([file]) => file !== TEXT)
    .map(([file, npy]) => [file.replace(/\.npy$/, ''), parseNpy(npy, `${path}: ${file}`)] as const);
  const named = (prefix: string) =>
    new Map(arrays.flatMap(([key, array]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), array]] : [])));
  const words = contents.find(([file]) => file === TEXT)?.[1];
  if (!words) throw new RangeError(`${path} does not say its options`);
  return {
    inputs: named('in_'),
    outputs: named('out_'),
    kept: arrays.flatMap(([key, array]) => keptSide(key, array)),
    options: optionsOf(textOf(words)),
  };
}
