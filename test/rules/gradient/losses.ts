/** Gradient cases of ONNX's own losses. */
import { floats, int64s } from '../../support/weights.js';
import type { GradientCase } from './case.js';

const LABELS = [2, 0, 1, 2, 2, 0];

/** With and without weights of the classes and labels to be ignored, which may lie among the classes or not. */
const forms = (op: string, reduction: string): readonly GradientCase[] => [
  {
    inputs: { x: ['batch', 3, 3] },
    weights: { t: int64s(LABELS, [2, 3]) },
    nodes: [`y = ${op}(x, t) {reduction: '${reduction}'}`],
  },
  {
    inputs: { x: [6, 3] },
    weights: { t: int64s(LABELS), w: floats([0.5, 2, 1.5]) },
    nodes: [`y = ${op}(x, t, w) {reduction: '${reduction}', ignore_index: 0}`],
  },
  {
    inputs: { x: [3, 3] },
    weights: { t: int64s([1, -100, 2]) },
    nodes: [`y = ${op}(x, t) {reduction: '${reduction}', ignore_index: -100}`],
    opset: 13,
  },
];

export const lossCases: readonly GradientCase[] = [
  ...['none', 'mean', 'sum'].flatMap((reduction) => [
    ...forms('NegativeLogLikelihoodLoss', reduction),
    ...forms('SoftmaxCrossEntropyLoss', reduction),
  ]),
  // A loss that sees the logarithms of probabilities too, or them alone.
  {
    inputs: { x: [2, 3] },
    weights: { t: int64s([0, 2]), r: [2, 3] },
    nodes: ['l, p = SoftmaxCrossEntropyLoss(x, t)', 'q = Mul(p, r)', 'y = Add(q, l)'],
  },
  {
    inputs: { x: [2, 3] },
    weights: { t: int64s([0, 2]) },
    nodes: ['l, p = SoftmaxCrossEntropyLoss(x, t)', 'y = Sin(p)'],
  },
];
