/** Shape cases of ONNX's own losses. */
import { int64s } from '../../support/weights.js';
import type { ShapeCase } from './case.js';

export const lossCases: readonly ShapeCase[] = ['none', 'mean', 'sum'].flatMap((reduction): readonly ShapeCase[] => [
  {
    inputs: { x: [2, 3, 4] },
    weights: { t: int64s([0, 1, 2, 0, 1, 2, 0, 1], [2, 4]) },
    nodes: [`y = NegativeLogLikelihoodLoss(x, t) {reduction: '${reduction}'}`],
  },
  {
    inputs: { x: [2, 3] },
    weights: { t: int64s([0, 2]) },
    nodes: [`y, p = SoftmaxCrossEntropyLoss(x, t) {reduction: '${reduction}'}`],
  },
]);
