/** What became of the weights, as diff tells people. */
import type { TensorDiff, TensorRef } from '../../lib/diff/tensors.js';
import type { Page } from '../command.js';
import { bare, shortened, table, wrapped } from './table.js';
import { count, counted, digits, exactly } from './units.js';

/** Most weights that are listed unless all are asked for. */
const SHOWN = 24;

const typeOf = ({ dtype, dims }: TensorRef): string => `${dtype} [${dims.join(', ')}]`;

/** Four digits, or which number that is none. */
const real = (value: number): string => digits(value, exactly(value));

/** How many elements of how many, or what became of it. */
const changedText = ({ change, elements }: TensorDiff): string =>
  elements ? `${count(elements.changed)} of ${count(elements.elements)}` : change;

/** Six digits: a cosine of trained weights differs from 1 in the last ones. */
const cosineText = (cosine: number | null): string => (cosine === null ? '' : cosine.toFixed(6));

/** The largest change, or where there are no numbers to tell it from the types. */
function detailText({ before, after, elements }: TensorDiff): string {
  const types = [before, after].flatMap((ref) => (ref ? [typeOf(ref)] : [])).join(' -> ');
  if (!elements) return types;
  if (!elements.largest) return before?.dtype === after?.dtype ? '' : types;
  const { index, before: from, after: to, change } = elements.largest;
  return `${real(change)} at [${index.join(', ')}]: ${real(from)} -> ${real(to)}`;
}

function nameText({ before, after, fit }: TensorDiff): string {
  const [own, other] = [before?.name, after?.name];
  const name =
    own === undefined || other === undefined || own === other
      ? bare(own ?? other ?? '')
      : `${bare(own)} -> ${bare(other)}`;
  return fit === null || fit === 'as it is' ? name : `${name} (${fit})`;
}

const row = (tensor: TensorDiff): readonly string[] => {
  const { elements } = tensor;
  return [
    shortened(nameText(tensor), 44),
    changedText(tensor),
    elements ? `${real(elements.normBefore)} -> ${real(elements.normAfter)}` : '',
    elements ? cosineText(elements.cosine) : '',
  ];
};

const HEADS = ['tensor', 'changed', 'norm', 'cosine'].map((head) => ({ head }));
const DETAIL = 'largest change, or type';

/** A column of details where the terminal is wide enough for it, else a line of its own below each tensor. */
function tensorTable(tensors: readonly TensorDiff[], { width, style }: Page): readonly string[] {
  const rows = tensors.map(row);
  const details = tensors.map(detailText);
  const wide = table(
    [...HEADS, { head: DETAIL }],
    rows.map((cells, at) => [...cells, details[at] as string]),
    Number.POSITIVE_INFINITY,
    style.bold,
  );
  const longest = Math.max(...tensors.map((_, at) => (wide[at + 1] as string).length));
  if (longest <= width) return wide;
  const [head = '', ...lines] = table(HEADS, rows, width, style.bold);
  return [
    head,
    ...lines.flatMap((line, at) => [
      line,
      ...(details[at] ? wrapped(details[at] as string, width, '      ', '        ') : []),
    ]),
  ];
}

/** Lines on the weights that differ, or with `all` on each. */
export function tensorLines(tensors: readonly TensorDiff[], all: boolean, page: Page): readonly string[] {
  const wanted = all ? tensors : tensors.filter(({ change }) => change !== 'same');
  if (wanted.length === 0) return [];
  const shown = all || wanted.length <= SHOWN + 1 ? wanted : wanted.slice(0, SHOWN);
  const more = wanted.length - shown.length;
  return ['', ...tensorTable(shown, page), ...(more > 0 ? [`and ${counted(more, 'more tensor')} (--all)`] : [])];
}
