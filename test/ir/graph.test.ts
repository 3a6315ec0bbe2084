/** Names, walks and edits of graphs. */
import { describe, expect, test } from '@jest/globals';
import { constantsOf } from '../../lib/ir/constants.js';
import { dropUnused, replaceConstants } from '../../lib/ir/edit.js';
import { freshNames } from '../../lib/ir/names.js';
import { fedInputs, floatOf, intOf, intsOf, nodeText, stringOf } from '../../lib/ir/nodes.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { prefixed } from '../../lib/ir/prefix.js';
import { seeded } from '../../lib/ir/random.js';
import { transposeTensor } from '../../lib/ir/transpose.js';
import { capturedNames, definedNames, graphsOf } from '../../lib/ir/walk.js';
import { build, buildGraph, parseNode } from '../support/build.js';
import { runModel } from '../support/run.js';
import { floats, int64s } from '../support/weights.js';

describe('new names', () => {
  test('collide neither with old nor with new ones', () => {
    const fresh = freshNames(new Set(['a', 'a.1']));
    expect([fresh('a'), fresh('a'), fresh('b'), fresh('b')]).toEqual(['a.2', 'a.3', 'b', 'b.1']);
  });

  test('names of objects are nothing special', () => {
    expect(freshNames(new Set(['__proto__']))('__proto__')).toBe('__proto__.1');
  });
});

const inner = buildGraph({
  inputs: { i: [2] },
  weights: { c: [2] },
  nodes: ['p = Add(i, outer)', 'q = Add(p, c)'],
});

describe('walking', () => {
  const model = build({
    inputs: { x: [2] },
    parts: { body: inner },
    nodes: ['outer = Relu(x)', 'y = Loop(x) {body: @body}'],
  });

  test('what a subgraph takes from outside', () => {
    expect(capturedNames(inner)).toEqual(['outer']);
    expect([...definedNames(inner)]).toEqual(['i', 'c', 'p', 'q']);
    expect([...graphsOf(model.graph)].map((graph) => graph.nodes.length)).toEqual([2, 2]);
  });

  test('a prefix renames all that a graph defines, in subgraphs too, and what is captured', () => {
    const renamed = prefixed(model.graph, 'm/', new Map([['x', 'shared']]));
    expect(renamed.nodes.map((node) => [node.inputs, node.outputs])).toEqual([
      [['shared'], ['m/outer']],
      [['shared'], ['m/y']],
    ]);
    const [, body] = [...graphsOf(renamed)];
    expect(body?.nodes.map((node) => node.inputs)).toEqual([
      ['m/i', 'm/outer'],
      ['m/p', 'm/c'],
    ]);
    expect([...(body?.initializers ?? [])].map(([name, tensor]) => [name, tensor.name])).toEqual([['m/c', 'm/c']]);
    expect(renamed.outputs.map((value) => value.name)).toEqual(['m/y']);
  });
});

describe('reading nodes', () => {
  const node = parseNode("y = custom::Op(x) {i: 3, f: 0.5, s: 'text', is: [1, 2]}");

  test('attributes by their type, or a default', () => {
    expect([intOf(node, 'i', 0), intOf(node, 'f', 7), intOf(node, 'none', undefined)]).toEqual([3, 7, undefined]);
    expect([floatOf(node, 'f', 0), stringOf(node, 's', ''), intsOf(node, 'is'), intsOf(node, 'i')]).toEqual([
      0.5,
      'text',
      [1, 2],
      undefined,
    ]);
  });

  test('the text of a node escapes what a stranger wrote', () => {
    expect(nodeText(node)).toBe('custom::Op (makes "y")');
    expect(nodeText({ ...node, name: 'a\n\u202e' })).toBe('custom::Op "a\\n\\u202e" (makes "y")');
  });

  test('initializers among the inputs are not fed', () => {
    const { graph } = build({ inputs: { x: [2] }, weights: { w: [2] }, listed: ['w'], nodes: ['y = Add(x, w)'] });
    expect(fedInputs(graph).map((value) => value.name)).toEqual(['x']);
  });
});

describe('constants', () => {
  const graph = buildGraph({
    inputs: {},
    weights: { w: [2] },
    nodes: [
      'a = Constant() {value_ints: [1, 2]}',
      'b = Constant() {value_float: 0.5}',
      'c = Constant() {value_floats: [1.5]}',
      'd = Constant() {value_int: 7}',
      "e = Constant() {value_string: 'x'}",
    ],
  });

  test('are initializers and Constant nodes alike', () => {
    expect([...constantsOf(graph)].map(([name, { dtype, dims }]) => [name, dtype, dims])).toEqual([
      ['w', 1, [2]],
      ['a', 7, [2]],
      ['b', 1, []],
      ['c', 1, [1]],
      ['d', 7, []],
    ]);
  });

  test('a replaced Constant becomes an initializer', () => {
    const made = int64s([5])('a', seeded(1));
    const changed = replaceConstants(graph, new Map([['a', made]]));
    expect(changed.nodes.map((node) => node.outputs[0])).toEqual(['b', 'c', 'd', 'e']);
    expect(changed.initializers.get('a')).toBe(made);
    expect(replaceConstants(graph, new Map())).toBe(graph);
  });

  test('only unused candidates are dropped', () => {
    const used = buildGraph({
      inputs: { x: [2] },
      weights: { w: [2], v: [2], u: [2] },
      listed: ['w', 'v'],
      nodes: ['a = Constant() {value_int: 1}', 'b = Constant() {value_int: 1}', 'y = Add(x, v)'],
    });
    const left = dropUnused(used, new Set(['w', 'v', 'a']));
    expect([...left.initializers.keys()]).toEqual(['v', 'u']);
    expect(left.inputs.map((value) => value.name)).toEqual(['x', 'v']);
    expect(left.nodes.map((node) => node.outputs[0])).toEqual(['b', 'y']);
  });
});

test('a transposed matrix, read in parts', () => {
  const tensor = floats([1, 2, 3, 4, 5, 6], [2, 3])('w', seeded(1));
  const turned = transposeTensor(tensor, 't');
  expect(turned).toMatchObject({ name: 't', dims: [3, 2], dtype: 1 });
  expect([...tensorReals(turned)]).toEqual([1, 4, 2, 5, 3, 6]);
  expect([...new Float32Array(Uint8Array.from(turned.data?.read(4, 12) ?? []).buffer)]).toEqual([4, 2]);
  expect(() => transposeTensor({ ...tensor, dtype: 22 }, 't')).toThrow(
    expect.objectContaining({ code: 'DTYPE_UNSUPPORTED' }),
  );
});

test('the graphs that tests build run', async () => {
  const model = build({
    inputs: { x: [1, 2] },
    weights: { w: floats([1, 2, 3, 4], [2, 2]) },
    nodes: ['y = MatMul(x, w)'],
  });
  const y = (await runModel(model, new Map([['x', { dtype: 1, dims: [1, 2], data: Float32Array.of(1, 10) }]]))).get(
    'y',
  );
  expect([...(y?.data ?? [])]).toEqual([31, 42]);
});
