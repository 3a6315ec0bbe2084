import { describe, expect, test } from '@jest/globals';
import { alignNodes } from '../../lib/diff/align.js';
import { sideOf } from '../../lib/diff/side.js';
import type { Model } from '../../lib/ir/model.js';
import { seeded } from '../../lib/ir/random.js';
import { readModel } from '../../lib/onnx/read.js';
import { build } from '../support/build.js';
import { renamed, reordered } from '../support/disguise.js';
import { int64s } from '../support/weights.js';

const side = ({ graph }: Model) => sideOf(graph, () => new Map());

/** Pairs as the first outputs of the partners. */
const pairs = (a: Model, b: Model) => {
  const [x, y] = [side(a), side(b)];
  return alignNodes(x, y).map((pair) => [x.nodes[pair.a]?.outputs[0], y.nodes[pair.b]?.outputs[0]]);
};

/** A residual block between two convolutions, all of one size. */
const residual = (extra: readonly string[] = [], seed = 1) =>
  build({
    inputs: { x: ['n', 4, 6, 6] },
    weights: { a: [4, 4, 3, 3], b: [4, 4, 3, 3], c: [4, 4, 3, 3] },
    nodes: [
      'p = Conv(x, a) {pads: [1,1,1,1]}',
      'pr = Relu(p)',
      'q = Conv(pr, b) {pads: [1,1,1,1]}',
      'qr = Relu(q)',
      's = Add(pr, qr)',
      ...(extra.length > 0 ? extra : ['y = Conv(s, c) {pads: [1,1,1,1]}']),
    ],
    seed,
  });

describe('every node finds itself again', () => {
  const models = ['digits-mlp0', 'digits-cnn0', 'digits-cnn0-folded'].map((name) =>
    readModel(`fixtures/members/${name}.onnx`),
  );
  test.each([...models, residual()].map((model) => [model.label, model] as const))('%s', (_, model) => {
    for (const seed of [1, 2, 3]) {
      const other = renamed(reordered(model, seeded(seed)), 'z');
      const found = pairs(model, other);
      expect(found).toHaveLength(side(model).nodes.length);
      for (const [a, b] of found) expect(b).toBe(`z${a}`);
    }
  });
});

test('trained again under other names: by place', () => {
  const other = renamed(residual([], 2), 'z');
  expect(pairs(residual(), other)).toEqual(['p', 'pr', 'q', 'qr', 's', 'y'].map((name) => [name, `z${name}`]));
});

test('a node put in between leaves the others with their partners', () => {
  const longer = residual(['sr = Relu(s)', 'y = Conv(sr, c) {pads: [1,1,1,1]}']);
  expect(pairs(residual(), longer)).toEqual(['p', 'pr', 'q', 'qr', 's', 'y'].map((name) => [name, name]));
});

test('another operator in the same place is the partner', () => {
  const clipped = residual(['y = Conv(s, c) {pads: [1,1,1,1]}']);
  const nodes = clipped.graph.nodes.map((node) => (node.outputs[0] === 'qr' ? { ...node, opType: 'Sigmoid' } : node));
  expect(pairs(residual(), { ...clipped, graph: { ...clipped.graph, nodes } })).toContainEqual(['qr', 'qr']);
});

test('another operator in front of what one export computes and the other has as a constant', () => {
  const of = (op: string, reshape: readonly string[]) =>
    build({
      inputs: { x: ['n', 2, 8, 8] },
      weights: { a: [4, 2, 3, 3], t: int64s([-1, 36]), w: [5, 36] },
      nodes: [
        'p = Conv(x, a)',
        `s = ${op}(p)`,
        'm = MaxPool(s) {kernel_shape: [2,2], strides: [2,2]}',
        ...reshape,
        'y = Gemm(r, w) {transB: 1}',
      ],
    });
  const computed = of('Sigmoid', ['h = Shape(m)', 'k = Identity(h)', 'r = Reshape(m, k)']);
  expect(pairs(computed, of('Relu', ['r = Reshape(m, t)']))).toEqual(
    ['p', 's', 'm', 'r', 'y'].map((name) => [name, name]),
  );
});

test('two graphs with nothing in common', () => {
  const other = build({ inputs: { x: ['n', 4] }, nodes: ['t = Sigmoid(x)', 'y = Softmax(t)'] });
  expect(pairs(residual(), other)).toEqual([]);
});

test('Gemm and MatMul with the same weight are partners', () => {
  const gemm = build({ inputs: { x: [2, 5] }, weights: { w: [5, 3], b: [3] }, nodes: ['y = Gemm(x, w, b)'] });
  const matmul = build({
    inputs: { x: [2, 5] },
    weights: { w: [5, 3], b: [3] },
    nodes: ['m = MatMul(x, w)', 'y = Add(m, b)'],
  });
  expect(pairs(gemm, matmul)).toEqual([['y', 'm']]);
});
