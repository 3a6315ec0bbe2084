/** Indices that no file should hold: found by mutants of files that hold good ones. */
import { describe, expect, test } from '@jest/globals';
import { findNeurons } from '../../../lib/analysis/neurons.js';
import { build } from '../../support/build.js';
import { refusal } from '../../support/refused.js';
import { int64s } from '../../support/weights.js';

describe('indices that name no positions are refused', () => {
  test.each([
    ['a scalar', 'y = ScatterND(h, one, h)'],
    ['fewer than no shared axes', 'y = GatherND(h, at) {batch_dims: -1}'],
    ['more shared axes than there are', 'y = GatherND(h, at) {batch_dims: 4000000000}'],
  ])('%s: %s', (_, node) => {
    const model = build({
      inputs: { x: ['batch', 6] },
      weights: { w: [6, 8], one: int64s([1], []), at: int64s([0, 1], [1, 2]) },
      nodes: ['h = MatMul(x, w)', node],
    });
    expect(() => findNeurons(model)).toThrow(refusal('SHAPE_CONFLICT'));
  });
});
