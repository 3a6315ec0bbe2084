/** What became of the weights, as diff tells people. */
import type { TensorDiff, TensorRef } from '../../lib/diff/tensors.js';
import type { Page } from '../command.js';
import { bare, shortened, table } from './table.js';
import { count, counted, digits } from './units.js';

/** Most weights that are listed unless all are asked for. */
const SHOWN = 24;

const typeOf = ({ dtype, dims }: TensorRef): string => `${dtype} [${dims.join(', ')}]`;

/** How many elements of how many, or what stands there instead. */
function sizeText({ change, before, after, elements }: TensorDiff): string {
  if (elements) return `${count(elements.changed)} of ${count(elements.elements)}`;
  if (before && after) return `${typeOf(before)} -> ${typeOf(after)}`;
  const only = before ?? after;
  return `${change}, ${only ? typeOf(only) : ''}`;
}

/** Six digits: a cosine of trained weights differs from 1 in the last ones. */
const cosineText = (cosine: number | null): string => (cosine === null ? '' : cosine.toFixed(6));

function largestText({ elements }: TensorDiff): string {
  if (!elements?.largest) return '';
  const { index, before, after, change } = elements.largest;
  return `${digits(change)} at [${index.join(', ')}]: ${digits(before)} -> ${digits(after)}`;
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
    sizeText(tensor),
    elements ? `${digits(elements.normBefore)} -> ${digits(elements.normAfter)}` : '',
    elements ? cosineText(elements.cosine) : '',
    largestText(tensor),
  ];
};

/** Lines on the weights that differ, or with `all` on each. */
export function tensorLines(tensors: readonly TensorDiff[], all: boolean, { width, style }: Page): readonly string[] {
  const wanted = all ? tensors : tensors.filter(({ change }) => change !== 'same');
  if (wanted.length === 0) return [];
  const shown = all || wanted.length <= SHOWN + 1 ? wanted : wanted.slice(0, SHOWN);
  const heads = ['tensor', 'changed', 'norm', 'cosine', 'largest change'].map((head) => ({ head }));
  const more = wanted.length - shown.length;
  return [
    '',
    ...table(heads, shown.map(row), width, style.bold),
    ...(more > 0 ? [`and ${counted(more, 'tensor')} more (--all)`] : []),
  ];
}
