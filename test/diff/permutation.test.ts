import { describe, expect, test } from '@jest/globals';
import { findPermutation } from '../../lib/diff/permutation.js';
import type { Model } from '../../lib/ir/model.js';
import { seeded } from '../../lib/ir/random.js';
import { readModel } from '../../lib/onnx/read.js';
import { gatherForms } from '../../lib/transforms/side-by-side.js';
import { build } from '../support/build.js';
import { nudged, shuffled } from '../support/disguise.js';
import { floats } from '../support/weights.js';

const permutation = (a: Model, b: Model) => findPermutation(gatherForms([a, b], a).family);

const conv = build({
  inputs: { x: ['n', 2, 6, 6] },
  weights: { w: [6, 2, 3, 3], b: [6], v: [10, 6 * 16], c: [10], u: [3, 10] },
  nodes: [
    'h = Conv(x, w, b)',
    'r = Relu(h)',
    'f = Flatten(r)',
    'g = Gemm(f, v, c) {transB: 1}',
    'y = Gemm(g, u) {transB: 1}',
  ],
});

describe('shuffled neurons are found', () => {
  const models = ['digits-mlp0', 'digits-cnn0'].map((name) => readModel(`fixtures/members/${name}.onnx`));
  test.each([conv, ...models].map((model) => [model.label, model] as const))('%s', (_, model) => {
    const found = permutation(model, shuffled(model, seeded(3)));
    expect(found).toMatchObject({ same: true, differs: '' });
    expect(found.groups.every(({ found: own, neurons }) => own === neurons)).toBe(true);
    expect(found.groups.some(({ moved }) => moved > 0)).toBe(true);
  });
});

test('nothing moved in the network itself', () => {
  expect(permutation(conv, { ...conv }).groups.map(({ moved }) => moved)).toEqual([0, 0]);
});

test('one number that is off by the least bit is no order of neurons', () => {
  const other = nudged(shuffled(conv, seeded(3)), 'v', 17, 1e-6);
  expect(permutation(conv, other)).toMatchObject({ same: false });
});

test('a swap within one layer that the next layer does not follow is none', () => {
  const other = { ...conv, graph: { ...conv.graph, initializers: new Map(conv.graph.initializers) } };
  const turned = shuffled(conv, seeded(3)).graph.initializers.get('w');
  other.graph.initializers.set('w', turned as NonNullable<typeof turned>);
  expect(permutation(conv, other)).toMatchObject({ same: false });
});

test('twins that only their order in the next layer tells apart', () => {
  const twins = (next: readonly number[]) =>
    build({
      inputs: { x: ['n', 1] },
      weights: { w: floats([1, 1], [2, 1]), v: floats(next, [2, 2]), u: floats([1, 1], [1, 2]) },
      nodes: [
        'h = Gemm(x, w) {transB: 1}',
        'r = Relu(h)',
        'g = Gemm(r, v) {transB: 1}',
        's = Relu(g)',
        'y = Gemm(s, u) {transB: 1}',
      ],
    });
  expect(permutation(twins([1, 0, 0, 1]), twins([0, 1, 1, 0]))).toMatchObject({ same: true });
  expect(permutation(twins([1, 0, 0, 1]), twins([1, 0, 1, 0]))).toMatchObject({ same: false });
});
