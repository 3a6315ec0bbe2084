/** The answer of a comparison. */
import type { ModelDiff } from './models.js';
import type { TensorDiff } from './tensors.js';

/**
 * From the same to the other: the files say the same; only names, order in the file and notes differ; the graph differs, but it has
 * the same weights and gives the same outputs; it is the same network with its neurons in another order; the weights are the same,
 * but whether the graphs are was not or could not be tried; or none of these.
 */
export type Verdict = 'identical' | 'relabelled' | 're-exported' | 'permuted' | 'unproved' | 'different';

/** Verdicts that say that both are one network. */
export const SAME: ReadonlySet<Verdict> = new Set(['identical', 'relabelled', 're-exported', 'permuted']);

/** Differences that do not change what is computed. */
const HARMLESS: ReadonlySet<string> = new Set(['same', 'renamed', 'moved']);

/** What a file says of itself that is more than a label: operators may mean something else in another version. */
const isVersion = (what: string): boolean => what.startsWith('opset') || what === 'local functions';

/** `identical` or `relabelled` where the files alone show it. */
export function byFiles({ header, values, nodes, tensors }: ModelDiff): 'identical' | 'relabelled' | undefined {
  const changes = [...values, ...nodes].map(({ change }) => change);
  const sameTensors = tensors.every(({ change, fit }) => change === 'same' && fit === 'as it is');
  if (!sameTensors || !changes.every((change) => HARMLESS.has(change))) return undefined;
  const sameNames = tensors.every(({ before, after }) => before?.name === after?.name);
  if (header.length === 0 && sameNames && changes.every((change) => change === 'same')) return 'identical';
  return header.some(({ what }) => isVersion(what)) ? undefined : 'relabelled';
}

const countOf = ({ before, after }: TensorDiff): number =>
  ((before ?? after)?.dims ?? []).reduce((product, dim) => product * dim, 1);

const FLOATS: ReadonlySet<string> = new Set(['float32', 'float16', 'float64', 'bfloat16']);

/** Weights: real numbers, more than one. A scalar may be written as a constant by one exporter and computed by another. */
const isWeight = (tensor: TensorDiff): boolean =>
  countOf(tensor) > 1 && FLOATS.has((tensor.before ?? tensor.after)?.dtype ?? '');

/** Weights that one file alone has: tables that one exporter computes and another writes down. */
export const loneWeights = ({ tensors }: ModelDiff): readonly TensorDiff[] =>
  tensors.filter((tensor) => isWeight(tensor) && (!tensor.before || !tensor.after));

/**
 * Whether the same weights stand in both files, however they are called and turned. One that stands in one file alone may have been
 * computed at export; not so where the other file has one of its size to spare.
 */
export function sameWeights(diff: ModelDiff): boolean {
  const lone = loneWeights(diff);
  const added = new Set(lone.filter(({ before }) => !before).map(countOf));
  const exchanged = lone.some((tensor) => tensor.before !== null && added.has(countOf(tensor)));
  const paired = diff.tensors.filter((tensor) => tensor.before && tensor.after && isWeight(tensor));
  return !exchanged && paired.every(({ change }) => change === 'same');
}

const isFraction = (text: string | null): boolean =>
  text !== null && text !== '' && !Number.isInteger(Number(text)) && !Number.isNaN(Number(text));

/**
 * Whether a setting that is a real number (an epsilon, a slope) is another one in a node of the same operator: random inputs may not
 * show what that does, and no exporter changes it.
 */
export const sameNumbers = ({ nodes }: ModelDiff): boolean =>
  nodes.every(
    ({ before, after, settings }) =>
      before?.op !== after?.op || settings.every((each) => !isFraction(each.before) && !isFraction(each.after)),
  );

/** Whether each changed tensor may hold the same numbers in another order: then looking for a permutation is worth it. */
export const looksShuffled = (tensors: readonly TensorDiff[]): boolean => {
  const changed = tensors.filter(({ change }) => change === 'changed');
  const close = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(a, b);
  return (
    changed.length > 0 &&
    tensors.every(({ change }) => change === 'same' || change === 'changed') &&
    changed.every(({ elements }) => elements !== null && close(elements.normBefore, elements.normAfter))
  );
};

const SENTENCES: Readonly<Record<Exclude<Verdict, 'different'>, string>> = {
  identical: 'identical',
  relabelled: 'the same network: only names, order in the file or metadata differ',
  're-exported': 'same function, re-exported: another graph with the same weights and the same outputs',
  permuted: 'the same network with its neurons in another order',
  unproved: 'the same weights in another graph: whether both compute the same was not or could not be tried',
};

const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** The answer in one sentence. `agree` is whether the outputs were found to be the same. */
export function sentenceOf(verdict: Verdict, { nodes, tensors, values }: ModelDiff, agree: boolean): string {
  if (verdict !== 'different') return SENTENCES[verdict];
  const differing = (found: readonly { readonly change: string }[], one: string, many?: string) => {
    const n = found.filter(({ change }) => !HARMLESS.has(change)).length;
    return n > 0 ? [counted(n, one, many)] : [];
  };
  const where = [
    ...differing(nodes, 'node'),
    ...differing(tensors.filter(isWeight), 'weight'),
    ...differing(values, 'input or output', 'inputs or outputs'),
  ];
  const but = agree ? ', though the outputs agree on random inputs' : '';
  return `different${where.length > 0 ? ` in ${where.join(' and ')}` : ''}${but}`;
}
