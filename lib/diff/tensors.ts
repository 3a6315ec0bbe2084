/** Which initializer of one model is which of the other, and how they differ. */
import { sameTensor } from '../analysis/isomorphism.js';
import { dtypeName } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { isSetting } from '../rules/as-inputs.js';
import { diffTensors, type ElementDiff, type Fit } from './elements.js';
import { fingerprint } from './fingerprint.js';
import type { NodePair } from './matching.js';
import type { Side } from './side.js';

/** One side of a pair of initializers. */
export interface TensorRef {
  readonly name: string;
  readonly dtype: string;
  readonly dims: readonly number[];
}

/** What became of an initializer (or what a Constant node holds). */
export interface TensorDiff {
  /** Null where only the second model has it. */
  readonly before: TensorRef | null;
  /** Null where only the first model has it. */
  readonly after: TensorRef | null;
  readonly change: 'same' | 'changed' | 'resized' | 'added' | 'removed';
  /** How the second was held beside the first; null where they cannot be compared. */
  readonly fit: Fit | null;
  readonly elements: ElementDiff | null;
}

/** Names of initializers that are each other's counterpart. */
export type TensorPairs = ReadonlyMap<string, string>;

/** Constant operands that are no settings. */
const weights = (side: Side, at: number): readonly string[] =>
  (side.nodes[at]?.inputs ?? []).filter(
    (name, k) => side.constants.has(name) && !isSetting(side.nodes[at] as Side['nodes'][number], k),
  );

/** Adds a pair unless one of the two has a counterpart. */
class Pairs {
  readonly toB = new Map<string, string>();
  readonly toA = new Map<string, string>();

  add(a: string, b: string): void {
    if (this.toB.has(a) || this.toA.has(b)) return;
    this.toB.set(a, b);
    this.toA.set(b, a);
  }
}

/** Tensors by what they hold, as far as only one holds that. */
function unique(side: Side, left: (name: string) => boolean): ReadonlyMap<string, string> {
  const found = new Map<string, string[]>();
  for (const [name, tensor] of side.constants) {
    if (!left(name) || (tensor.data?.length ?? 0) <= 8) continue;
    const print = fingerprint(tensor);
    found.set(print, [...(found.get(print) ?? []), name]);
  }
  return new Map([...found].flatMap(([print, names]) => (names.length === 1 ? [[print, names[0] as string]] : [])));
}

/** Pairs initializers: operands of paired nodes, then equal names, then equal contents. */
export function pairTensors(a: Side, b: Side, nodes: readonly NodePair[]): TensorPairs {
  const pairs = new Pairs();
  for (const pair of nodes) {
    const [ofA, ofB] = [weights(a, pair.a), weights(b, pair.b)];
    ofA.slice(0, ofB.length).forEach((name, k) => {
      pairs.add(name, ofB[k] as string);
    });
  }
  for (const name of a.constants.keys()) if (b.constants.has(name)) pairs.add(name, name);
  const inB = unique(b, (name) => !pairs.toA.has(name));
  for (const [print, name] of unique(a, (own) => !pairs.toB.has(own))) {
    const other = inB.get(print);
    if (other !== undefined) pairs.add(name, other);
  }
  return pairs.toB;
}

const refOf = (name: string, tensor: Tensor): TensorRef => ({
  name,
  dtype: dtypeName(tensor.dtype),
  dims: tensor.dims,
});

/** The texts of a string tensor, which the reader of the file knows; none for other types. */
export type TextsOf = (tensor: Tensor) => readonly string[];

/** Whether two tensors hold the same: for types whose elements are no numbers. */
function holdSame(a: Tensor, b: Tensor, textsOf: TextsOf): boolean {
  if (a.data || b.data) return sameTensor(a, b);
  const [ours, theirs] = [textsOf(a), textsOf(b)];
  return a.dtype === b.dtype && ours.length === theirs.length && ours.every((text, i) => text === theirs[i]);
}

/** Types of which float64 does not hold every number. */
const WIDE_INTEGERS: ReadonlySet<string> = new Set(['int64', 'uint64']);

/** Whether two tensors of 64-bit integers that are the same as float64 differ all the same. */
const differsBeyondReals = (a: Tensor, b: Tensor, fit: Fit): boolean =>
  fit !== 'transposed' && WIDE_INTEGERS.has(dtypeName(a.dtype)) && !sameTensor(a, { ...b, dims: a.dims });

/** What a pair differs in. */
export function diffPair(nameA: string, a: Tensor, nameB: string, b: Tensor, textsOf: TextsOf): TensorDiff {
  const refs = { before: refOf(nameA, a), after: refOf(nameB, b) };
  const sameDims = a.dims.join() === b.dims.join();
  const found = diffTensors(a, b);
  if (!found && !sameDims) return { ...refs, change: 'resized', fit: null, elements: null };
  if (!found) return { ...refs, change: holdSame(a, b, textsOf) ? 'same' : 'changed', fit: 'as it is', elements: null };
  const isSame = found.diff.changed === 0 && a.dtype === b.dtype;
  if (isSame && differsBeyondReals(a, b, found.fit))
    return { ...refs, change: 'changed', fit: found.fit, elements: null };
  return { ...refs, change: isSame ? 'same' : 'changed', fit: found.fit, elements: found.diff };
}

/** An initializer that one model alone has. */
export const lone = (name: string, tensor: Tensor, change: 'added' | 'removed'): TensorDiff => ({
  before: change === 'removed' ? refOf(name, tensor) : null,
  after: change === 'added' ? refOf(name, tensor) : null,
  change,
  fit: null,
  elements: null,
});

/** Whether the weights of a node of the first graph are others in the second. */
export function weightsChanged({ nodes }: Side, tensors: readonly TensorDiff[]): (at: number) => boolean {
  const changed = new Set(
    tensors
      .filter(({ change, before, after }) => change !== 'same' && before && after)
      .map(({ before }) => before?.name ?? ''),
  );
  return (at) => nodes[at]?.inputs.some((name) => changed.has(name)) ?? false;
}
