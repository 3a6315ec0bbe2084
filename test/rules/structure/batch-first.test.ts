/**
 * Recurrent layers with `layout` 1 (the batch in front), which ONNX Runtime refuses: held against the same layer with time in
 * front and everything around it transposed, as ONNX defines it.
 */
import { expect, test } from '@jest/globals';
import { inferShapes } from '../../../lib/analysis/shapes.js';
import { shapeText } from '../../../lib/ir/dim.js';
import type { Model, Node } from '../../../lib/ir/model.js';
import { build, parseNode } from '../../support/build.js';
import { groupSizes, masked, pruneRandomly } from '../../support/oracle.js';
import { expectClose, feedsFor, runModel } from '../../support/run.js';

/** The nodes that stand for one with `layout` 1. */
function timeFirst(node: Node): readonly Node[] {
  const attributes = new Map([...node.attributes].filter(([name]) => name !== 'layout'));
  if (attributes.size === node.attributes.size) return [node];
  const turned = (name: string, to: string, perm: string) => parseNode(`${to} = Transpose(${name}) {perm: ${perm}}`);
  const inputs = node.inputs.map((name, i) => (name !== '' && [0, 5, 6].includes(i) ? `${name}.t` : name));
  const outputs = node.outputs.map((name) => `${name}.t`);
  const before = node.inputs.flatMap((name, i) => (inputs[i] === name ? [] : [turned(name, `${name}.t`, '[1, 0, 2]')]));
  const after = node.outputs.map((name, i) => turned(`${name}.t`, name, i === 0 ? '[2, 0, 1, 3]' : '[1, 0, 2]'));
  return [...before, { ...node, attributes, inputs, outputs }, ...after];
}

const asTimeFirst = (model: Model): Model => ({
  ...model,
  graph: { ...model.graph, nodes: model.graph.nodes.flatMap(timeFirst) },
});

const model = build({
  inputs: { x: ['batch', 5, 6], h0: ['batch', 2, 4] },
  outputs: ['y'],
  weights: { w: [2, 32, 8], r: [2, 32, 8], b: [2, 64], u: [6, 8], v: [4, 8], w2: [8, 3] },
  nodes: [
    'e = MatMul(x, u)',
    's = MatMul(h0, v)',
    "h, t, c = LSTM(e, w, r, b, , s) {hidden_size: 8, direction: 'bidirectional', layout: 1}",
    'f = ReduceMax(h) {axes: [1], keepdims: 0}',
    'g = Add(f, t)',
    'a = Add(g, c)',
    'y = MatMul(a, w2)',
  ],
});

test('shapes', async () => {
  const facts = inferShapes(model);
  expect(['h', 't', 'c'].map((name) => shapeText(facts.get(name)?.shape))).toEqual([
    '[batch, 5, 2, 8]',
    '[batch, 2, 8]',
    '[batch, 2, 8]',
  ]);
});

test('pruning is masking', async () => {
  expect(groupSizes(model)).toEqual([8, 8]);
  const pruned = pruneRandomly(model);
  expect(groupSizes(pruned.model)).toEqual([4, 4]);
  const feeds = feedsFor(model);
  const expected = await runModel(asTimeFirst(masked(model, pruned)), feeds);
  expectClose(await runModel(asTimeFirst(pruned.model), feeds), expected);
});
