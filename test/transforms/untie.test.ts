/** Constants that several nodes share, apart again. */
import { describe, expect, test } from '@jest/globals';
import { untie } from '../../lib/transforms/untie.js';
import { untieClosing } from '../../lib/transforms/untie-closing.js';
import { type Blueprint, build, buildGraph } from '../support/build.js';
import { source } from '../support/print.js';
import { expectSameFunction } from '../support/run.js';
import { floats, int64s } from '../support/weights.js';

const print: Blueprint = {
  inputs: { x: ['batch', 4] },
  weights: { w: [4, 4], b: [4], s: floats([2], []), one: floats([3], [1]), t: int64s([-1, 4]) },
  nodes: [],
};
const untied = (nodes: readonly string[]) => source(untie(build({ ...print, nodes })));

test('a vector is used once, whatever it is called', () => {
  expect(untied(['a = Gemm(x, w, b)', 'c = Gemm(a, w, b)', 'y = Add(b, c)'])).toEqual([
    'a = Gemm(x, w, b)',
    'c = Gemm(a, w, b.1)',
    'y = Add(b.2, c)',
  ]);
  expect(untied(['b.1 = Add(x, b)', 'y = Add(b.1, b)'])).toEqual(['b.1 = Add(x, b)', 'y = Add(b.1, b.2)']);
  expect(untied(['a = Add(x, one)', 'y = Mul(a, one)'])).toEqual(['a = Add(x, one)', 'y = Mul(a, one.1)']);
});

test('a vector that a Constant node holds', () => {
  const constant = 'c = Constant() {value_floats: [1.5, 2.5, 3.5, 4.5]}';
  const model = untie(build({ ...print, nodes: [constant, 'a = Add(x, c)', 'y = Mul(a, c)'] }));
  expect(source(model).slice(1)).toEqual(['a = Add(x, c)', 'y = Mul(a, c.1)']);
  expect([...model.graph.initializers.keys()]).toContain('c.1');
});

test('a matrix, a scalar and a shape stay shared', () => {
  const nodes = [
    'a = MatMul(x, w)',
    'c = MatMul(a, w)',
    'd = Mul(c, s)',
    'e = Mul(d, s)',
    'f = Reshape(e, t)',
    'y = Reshape(f, t)',
  ];
  const model = build({ ...print, nodes });
  expect(untie(model)).toBe(model);
});

test('so does a copy of what a Constant node holds', () => {
  const model = build({
    ...print,
    nodes: ['c = Constant() {value_floats: [1.5, 2.5, 3.5, 4.5]}', 'v = Identity(c)', 'y = Add(x, v)'],
  });
  const once = untie(model);
  expect([source(once), [...once.graph.initializers.keys()].includes('v')]).toEqual([['y = Add(x, v)'], true]);
});

test('a copy through Identity becomes an initializer, but not one that is an output', () => {
  const nodes = ['v = Identity(w)', 'u = Identity(v)', 'a = MatMul(x, v)', 'y = MatMul(a, u)'];
  const model = untie(build({ ...print, nodes }));
  expect(source(model)).toEqual(['a = MatMul(x, v)', 'y = MatMul(a, u)']);
  expect([...model.graph.initializers.keys()].filter((name) => 'wvu'.includes(name))).toEqual(['v', 'u']);
  expect(untied(['v = Identity(w)', 'y = Identity(x)'])).toEqual(['y = Identity(x)']);
  expect(
    source(untie(build({ ...print, nodes: ['y = MatMul(x, w)', 'v = Identity(w)'], outputs: ['y', 'v'] }))),
  ).toHaveLength(2);
});

test('a copy that nothing uses goes with what it is a copy of', () => {
  const model = untie(build({ ...print, nodes: ['v = Identity(w)', 'y = Relu(x)'] }));
  expect([...model.graph.initializers.keys()].filter((name) => 'wv'.includes(name))).toEqual([]);
});

test('twice is once', () => {
  const once = untie(build({ ...print, nodes: ['a = Gemm(x, w, b)', 'v = Identity(b)', 'y = Gemm(a, w, v)'] }));
  expect(untie(once)).toBe(once);
});

test('what a subgraph uses too keeps its name', () => {
  const branch = buildGraph({ inputs: {}, nodes: ['r = Relu(b)'] });
  const nodes = ['a = Add(x, b)', 'c = Add(a, b)', 'y = If(go) {then_branch: @t, else_branch: @t}'];
  const model = untie(build({ ...print, inputs: { ...print.inputs, 'go: bool': [] }, parts: { t: branch }, nodes }));
  expect(source(model).slice(0, 2)).toEqual(['a = Add(x, b)', 'c = Add(a, b.1)']);
  expect(model.graph.initializers.has('b')).toBe(true);
});

describe('the weight of a closing layer', () => {
  const split = (nodes: readonly string[], outputs = ['y']) => {
    const model = build({ ...print, weights: { w: [4, 6], v: [6, 4] }, nodes, outputs });
    return [model, untieClosing(model)] as const;
  };

  test('is its own where others use it for something else', async () => {
    const [model, apart] = split(['h = MatMul(x, w)', 'r = Relu(h)', 'y = Gemm(r, w) {transB: 1}']);
    expect(source(apart)).toEqual(['h = MatMul(x, w)', 'r = Relu(h)', 'y = Gemm(r, w.1) {transB: 1}']);
    await expectSameFunction(model, apart);
    expect(untieClosing(apart)).toBe(apart);
  });

  test('stays shared among closing layers', () => {
    const [model, same] = split(
      ['h = MatMul(x, w)', 'y = MatMul(h, v)', 'r = Relu(h)', 'z = MatMul(r, v)'],
      ['y', 'z'],
    );
    expect(same).toBe(model);
  });

  test('stays shared where nothing closes', () => {
    const [model, same] = split([
      'h = MatMul(x, w)',
      'k = Relu(x)',
      'g = MatMul(k, w)',
      's = Add(h, g)',
      'y = MatMul(s, v)',
    ]);
    expect(same).toBe(model);
  });
});
