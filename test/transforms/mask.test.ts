/** Masked tensors, read whole and in pieces. */
import { describe, expect, test } from '@jest/globals';
import { findNeurons } from '../../lib/analysis/neurons.js';
import type { Tensor } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { mask, zeroedAlong } from '../../lib/transforms/mask.js';
import { build } from '../support/build.js';
import { floats } from '../support/weights.js';

const tensor = (dims: readonly number[]): Tensor =>
  floats(
    Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => i + 1),
    dims,
  )('t', () => 0);

describe('entries at some positions', () => {
  test.each<readonly [readonly number[], number, readonly number[]]>([
    [[2, 3], 0, [1, 2, 3, 0, 0, 0]],
    [[2, 3], 1, [1, 0, 3, 4, 0, 6]],
    [[2, 2, 2], 1, [1, 2, 0, 0, 5, 6, 0, 0]],
  ])('of shape %j on axis %p', (dims, axis, expected) => {
    const zeroed = zeroedAlong(tensor(dims), axis, (position) => position === 1);
    expect([...tensorReals(zeroed)]).toEqual(expected);
  });

  test('are zero however the bytes are read, and the tensor stays as it was', () => {
    const whole = tensor([3, 4]);
    const { data } = zeroedAlong(whole, 1, (position) => position % 2 === 0);
    const all = data?.read(0, 48);
    for (let start = 0; start <= 48; start++) {
      for (let end = start; end <= 48; end++) expect(data?.read(start, end)).toEqual(all?.slice(start, end));
    }
    expect([...tensorReals(whole)].every((value) => value > 0)).toBe(true);
  });
});

test('what reads a neuron is masked, what makes it is not', () => {
  const model = build({
    inputs: { x: ['batch', 2] },
    weights: { w1: floats([1, 2, 3, 4], [2, 2]), b1: floats([5, 6]), w2: floats([7, 8], [2, 1]) },
    nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'y = MatMul(r, w2)'],
  });
  const { initializers } = mask(findNeurons(model), [[1]]).graph;
  const reals = (name: string) => [...tensorReals(initializers.get(name) as Tensor)];
  expect([reals('w1'), reals('b1'), reals('w2')]).toEqual([
    [1, 2, 3, 4],
    [5, 6],
    [0, 8],
  ]);
});
