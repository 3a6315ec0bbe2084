/** Values that are read in another shape through computed indices, as PyTorch's as_strided is exported. */
import { describe, expect, test } from '@jest/globals';
import { foldReadings } from '../../lib/transforms/fold-readings.js';
import { type Blueprint, build } from '../support/build.js';
import { groupSizes, masked, pruneRandomly } from '../support/oracle.js';
import { sourceOf } from '../support/print.js';
import { expectClose, expectSameFunction, feedsFor, runModel } from '../support/run.js';
import { int64s } from '../support/weights.js';

/** The mean over the places of 8 channels, read as [batch, 8, 1] through the indices batch * 8 + channel. */
const strided = (weights: Blueprint['weights'] = {}, indices = 'all = Add(rows3, channels)'): Blueprint => ({
  inputs: { x: ['batch', 3, 4, 4] },
  outputs: ['y'],
  weights: {
    w1: [8, 3, 3, 3],
    w2: [8, 3],
    flat: int64s([-1]),
    zero: int64s([0], []),
    one: int64s([1], []),
    first: int64s([0]),
    last: int64s([2]),
    behind: int64s([1, 2]),
    eight: int64s([8], []),
    channels: int64s([0, 1, 2, 3, 4, 5, 6, 7], [1, 8, 1]),
    ...weights,
  },
  nodes: [
    'h = Conv(x, w1) {pads: [1, 1, 1, 1]}',
    'm = GlobalAveragePool(h)',
    'f = Reshape(m, flat)',
    's = Shape(x) {end: 1}',
    'n = Squeeze(s)',
    'r = Range(zero, n, one)',
    'rows = Mul(r, eight)',
    'rows3 = Unsqueeze(rows, behind)',
    indices,
    'g = Gather(f, all)',
    'a = Squeeze(g, last)',
    'y = MatMul(a, w2)',
  ],
});

test('is reshaped, and its channels are neurons', async () => {
  const model = build(strided());
  const folded = foldReadings(model);
  expect(sourceOf(folded, 'Reshape')).toContain('g = Reshape(f, [-1, 8, 1])');
  expect(foldReadings(folded)).toBe(folded);
  await expectSameFunction(model, folded);
  expect(groupSizes(folded)).toEqual([8]);
  const pruned = pruneRandomly(model);
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned), feeds));
});

test('indices that are known as they stand', async () => {
  const model = build({
    inputs: { x: [2, 6] },
    weights: { flat: int64s([-1]), i: int64s([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [2, 3, 2]) },
    nodes: ['f = Reshape(x, flat)', 'y = Gather(f, i)'],
  });
  const folded = foldReadings(model);
  expect(sourceOf(folded, 'Gather')).toEqual([]);
  await expectSameFunction(model, folded);
});

describe('stays', () => {
  test.each<readonly [string, Blueprint]>([
    ['a part', strided({ channels: int64s([0, 1, 2, 3], [1, 4, 1]), w2: [4, 3] })],
    ['another order', strided({ channels: int64s([1, 0, 2, 3, 4, 5, 6, 7], [1, 8, 1]) })],
    ['backwards', strided({ channels: int64s([7, 6, 5, 4, 3, 2, 1, 0], [1, 8, 1]) })],
    ['every second', strided({ eight: int64s([4], []) })],
    ['one row for all', strided({}, 'all = Identity(channels)')],
    ['a start behind the first', strided({ channels: int64s([1, 2, 3, 4, 5, 6, 7, 8], [1, 8, 1]) })],
    [
      'a length that only happens to be that of the batch',
      strided({ five: int64s([0, 8, 16, 24, 32], [5, 1, 1]), w2: [1, 3] }, 'all = Add(rows3, five)'),
    ],
  ])('%s', (_, print) => {
    const model = build(print);
    expect(foldReadings(model)).toBe(model);
  });
});
