import { expect, test } from '@jest/globals';
import { nodeDifferences } from '../../lib/diff/node-differences.js';
import type { Node } from '../../lib/ir/model.js';
import { type Blueprint, build } from '../support/build.js';
import { floats, int64s } from '../support/weights.js';

/** The differences of the only nodes of two graphs. */
function differences(a: string, b: string, ofA: Blueprint['weights'] = {}, ofB: Blueprint['weights'] = ofA) {
  const [x, y] = [
    build({ inputs: { x: [4], z: [4] }, nodes: [a], weights: ofA }).graph,
    build({ inputs: { x: [4], z: [4] }, nodes: [b], weights: ofB }).graph,
  ];
  const pairs = new Map(['x', 'z'].map((name) => [name, name]));
  return nodeDifferences(x.nodes[0] as Node, x, y.nodes[0] as Node, y, pairs);
}

test.each([
  ['nothing', 'y = Relu(x)', 'z2 = Relu(x)', []],
  ['the operator', 'y = Relu(x)', 'y = com.x::Relu(x)', [{ kind: 'operator', here: 'Relu', there: 'com.x::Relu' }]],
  [
    'an attribute',
    'y = Op(x) {a: 1, b: [1,2]}',
    'y = Op(x) {a: 2, b: [1,2]}',
    [{ kind: 'attribute', name: 'a', here: '1', there: '2' }],
  ],
  [
    'an attribute that only one has',
    'y = Op(x)',
    "y = Op(x) {mode: 'up'}",
    [{ kind: 'attribute', name: 'mode', here: '', there: '"up"' }],
  ],
  ['a value that it reads', 'y = Op(x)', 'y = Op(z)', [{ kind: 'input', name: 'x', here: 'x', there: 'z' }]],
  ['a value that only one reads', 'y = Op(x)', 'y = Op(x, z)', [{ kind: 'input', name: 'z', here: '', there: 'z' }]],
])('%s', (_, a, b, found) => {
  expect(differences(a, b)).toMatchObject(found);
  expect(differences(a, b)).toHaveLength(found.length);
});

test('weights: how far they are off, whatever their names', () => {
  const a = { w: floats([1, 2, 3]), i: int64s([0, 7]) };
  const b = { v: floats([1, 2.5, 3]), k: int64s([0, 4]) };
  expect(differences('y = Op(x, w, i)', 'y = Op(x, v, k)', a, b)).toEqual([
    { kind: 'weight', name: 'w', here: 'float32 [3]', there: 'float32 [3]', maxAbs: 0.5 },
    { kind: 'weight', name: 'i', here: 'int64 [2]', there: 'int64 [2]', maxAbs: 3 },
  ]);
});

test('weights of other shapes, and that only one has, are named only', () => {
  expect(differences('y = Op(x, w)', 'y = Op(x, w)', { w: floats([1, 2]) }, { w: floats([1]) })).toMatchObject([
    { here: 'float32 [2]', there: 'float32 [1]', maxAbs: null },
  ]);
  expect(differences('y = Op(x)', 'y = Op(x, w)', {}, { w: floats([1]) })).toMatchObject([
    { kind: 'weight', name: 'w', here: '', there: 'float32 [1]', maxAbs: null },
  ]);
});

test('the same weights are no difference, and NaN has no distance', () => {
  const nan = { w: floats([1, Number.NaN]) };
  expect(differences('y = Op(x, w)', 'y = Op(x, w)', nan, nan)).toEqual([]);
  expect(differences('y = Op(x, w)', 'y = Op(x, w)', nan, { w: floats([1, 2]) })).toMatchObject([{ maxAbs: null }]);
});
