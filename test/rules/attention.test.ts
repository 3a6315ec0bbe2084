/**
 * Attention with fewer features of a head: what is left computes what the unpruned model does when the removed features of
 * queries, keys and values are zero, because it keeps its scale.
 */
import { expect, test } from '@jest/globals';
import { findNeurons } from '../../lib/analysis/neurons.js';
import { constantsOf } from '../../lib/ir/constants.js';
import { REAL_TYPES } from '../../lib/ir/dtype.js';
import { replaceConstants } from '../../lib/ir/edit.js';
import type { Model, Tensor } from '../../lib/ir/model.js';
import { zeroedAlong } from '../../lib/transforms/mask.js';
import type { Pruned } from '../../lib/transforms/prune.js';
import { untie } from '../../lib/transforms/untie.js';
import { type Blueprint, build } from '../support/build.js';
import { pruneRandomly } from '../support/oracle.js';
import { sourceOf } from '../support/print.js';
import { expectClose, feedsFor, runModel } from '../support/run.js';
import { int64s } from '../support/weights.js';

/** The unpruned model in which nothing makes the neurons that `pruned` lacks. */
function muted(model: Model, pruned: Pruned): Model {
  const untied = untie(model);
  const neurons = findNeurons(untied, 'inner');
  const kept = pruned.ranking.map((group) => new Set(group.kept));
  const changed = new Map<string, Tensor>();
  for (const [name, tensor] of constantsOf(untied.graph)) {
    if (!REAL_TYPES.has(tensor.dtype)) continue;
    for (const axis of tensor.dims.keys()) {
      const labels = neurons.labels(name, axis);
      if (!labels) continue;
      const gone = (p: number) =>
        (labels.group[p] ?? -1) >= 0 && !kept[labels.group[p] as number]?.has(labels.neuron[p] as number);
      changed.set(name, zeroedAlong(changed.get(name) ?? tensor, axis, gone));
    }
  }
  return { ...untied, graph: replaceConstants(untied.graph, changed) };
}

const projections: Blueprint = {
  opset: 23,
  inputs: { x: ['batch', 5, 6] },
  outputs: ['y'],
  weights: {
    wq: [6, 16],
    wk: [6, 16],
    wv: [6, 16],
    at: int64s([0, 1, 2, 3, 4, 4, 5, 6, 7, 8], [2, 5]),
    split: int64s([0, 0, 2, 8]),
    join: int64s([0, 0, -1]),
    w2: [16, 3],
  },
  nodes: ['q = MatMul(x, wq)', 'k = MatMul(x, wk)', 'v = MatMul(x, wv)'],
};

const heads = ['q', 'k', 'v'].flatMap((name) => [
  `${name}r = Reshape(${name}, split)`,
  `${name}4 = Transpose(${name}r) {perm: [0, 2, 1, 3]}`,
]);
const join = ['bt = Transpose(b) {perm: [0, 2, 1, 3]}', 'a = Reshape(bt, join)', 'y = MatMul(a, w2)'];

const SCALE = `scale: ${1 / Math.sqrt(8)}`;

test.each<readonly [string, readonly string[], string]>([
  [
    'heads joined',
    ['a = Attention(q, k, v) {q_num_heads: 2, kv_num_heads: 2}', 'y = MatMul(a, w2)'],
    `a = Attention(q, k, v) {q_num_heads: 2, kv_num_heads: 2, ${SCALE}}`,
  ],
  [
    'a scale of its own',
    ['a = Attention(q, k, v) {q_num_heads: 2, kv_num_heads: 2, scale: 0.5}', 'y = MatMul(a, w2)'],
    'a = Attention(q, k, v) {q_num_heads: 2, kv_num_heads: 2, scale: 0.5}',
  ],
  ['heads apart', [...heads, 'b = Attention(q4, k4, v4)', ...join], `b = Attention(q4, k4, v4) {${SCALE}}`],
])('%s', async (_, nodes, expected) => {
  const model = build({ ...projections, nodes: [...projections.nodes, ...nodes] });
  const pruned = pruneRandomly(model, 1, 'inner');
  expect(sourceOf(pruned.model, 'Attention')).toEqual([expected]);
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(muted(model, pruned), feeds));
});

test.each([0, 1])('turned by pairs (interleaved %d)', async (interleaved) => {
  const turn = ['q4', 'k4'].map(
    (name) => `${name}t = RotaryEmbedding(${name}, c, s, at) {interleaved: ${interleaved}}`,
  );
  const model = build({
    ...projections,
    inputs: { x: [2, 5, 6] },
    weights: { ...projections.weights, c: [9, 4], s: [9, 4] },
    nodes: [...projections.nodes, ...heads, ...turn, 'b = Attention(q4t, k4t, v4)', ...join],
  });
  const pruned = pruneRandomly(model, 1, 'inner');
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(muted(model, pruned), feeds));
});

test('whole heads go without a change of scale', () => {
  const model = build({
    ...projections,
    nodes: [...projections.nodes, 'a = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 4}', 'y = MatMul(a, w2)'],
  });
  expect(sourceOf(pruneRandomly(model, 1, 'outer').model, 'Attention')).toEqual([
    'a = Attention(q, k, v) {q_num_heads: 2, kv_num_heads: 2}',
  ]);
});
