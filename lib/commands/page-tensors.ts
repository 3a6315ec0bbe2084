/** The tensors of a node as a page of a comparison shows them. */
import type { Aligned } from '../diff/models.js';
import type { NodeDiff, NodeRef } from '../diff/nodes.js';
import type { TensorDiff } from '../diff/tensors.js';
import type { PageTensor } from '../page/data.js';
import { digits, histograms, statisticsLines } from './page-histograms.js';

type Sides = Aligned['sides'];

const typeOf = (tensor: TensorDiff['before']): string =>
  tensor ? `${tensor.dtype} [${tensor.dims.join(', ')}]` : 'none';

function tensorLines(tensor: TensorDiff): readonly string[] {
  const { elements, fit } = tensor;
  if (!elements) return [];
  const { normBefore, normAfter, cosine, changed, elements: all, largest } = elements;
  return [
    changed === 0 ? 'the same numbers' : `${changed} of ${all} elements changed`,
    `norm ${digits(normBefore)} → ${digits(normAfter)}${cosine === null ? '' : `, cosine ${cosine.toFixed(6)}`}`,
    ...(largest
      ? [
          `largest change ${digits(largest.change)} at [${largest.index.join(', ')}]: ${digits(largest.before)} → ${digits(largest.after)}`,
        ]
      : []),
    ...(fit === null || fit === 'as it is' ? [] : [`held beside the first ${fit}`]),
  ];
}

function pageTensor(tensor: TensorDiff, [a, b]: Sides): PageTensor {
  const { before, after } = tensor;
  const [x, y] = [a.side.constants.get(before?.name ?? ''), b.side.constants.get(after?.name ?? '')];
  const lone = x ?? y;
  return {
    name:
      before && after && before.name !== after.name
        ? `${before.name} → ${after.name}`
        : ((after ?? before)?.name ?? ''),
    type:
      before && after && typeOf(before) !== typeOf(after)
        ? `${typeOf(before)} → ${typeOf(after)}`
        : typeOf(after ?? before),
    ...histograms(x, y),
    lines: before && after ? tensorLines(tensor) : lone ? statisticsLines(lone) : [],
  };
}

/** The tensors that a node of either side uses, and how they differ. `tensors` are those of each side by name. */
export function nodeTensors(
  node: NodeDiff,
  tensors: ReadonlyMap<string, TensorDiff>[],
  sides: Sides,
): readonly PageTensor[] {
  const ofSide = (ref: NodeRef | null, side: 0 | 1) =>
    (ref?.inputs ?? []).flatMap((name) =>
      sides[side].side.constants.has(name) ? (tensors[side]?.get(name) ?? []) : [],
    );
  return [...new Set([...ofSide(node.before, 0), ...ofSide(node.after, 1)])].map((each) => pageTensor(each, sides));
}
