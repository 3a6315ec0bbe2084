import { describe, expect, test } from '@jest/globals';
import { alignModels, diffModels, diffTensorsOf } from '../../lib/diff/models.js';
import { byFiles } from '../../lib/diff/verdict.js';
import type { Graph } from '../../lib/ir/model.js';
import { type Blueprint, build, buildGraph } from '../support/build.js';
import { floats } from '../support/weights.js';

const differences = (a: Blueprint, b: Blueprint) => {
  const models = [build(a), build(b)] as const;
  const aligned = alignModels(...models, { noteOf: () => new Map(), textsOf: () => [] });
  return diffModels(aligned, models, [...diffTensorsOf(aligned)]);
};

const two = (nodes: readonly string[], rest: Partial<Blueprint> = {}): Blueprint => ({
  inputs: { x: ['n', 4], y: ['n', 4] },
  weights: { b: [4], c: [4] },
  opset: 11,
  ...rest,
  nodes,
});

describe('another wiring of the same nodes is not the same', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['inputs of the graph change places', ['z = Sub(x, y)'], ['z = Sub(y, x)']],
    ['an input instead of the other', ['h = Relu(x)', 'z = Sub(h, x)'], ['h = Relu(x)', 'z = Sub(h, y)']],
    ['a value instead of an input', ['h = Relu(x)', 'z = Sub(x, h)'], ['h = Relu(x)', 'z = Sub(h, h)']],
    [
      'a value and an input',
      ['h = Relu(x)', 'z = Concat(x, h) {axis: 1}'],
      ['h = Relu(x)', 'z = Concat(h, x) {axis: 1}'],
    ],
    ['a weight and an input', ['z = Sub(x, b)'], ['z = Sub(b, x)']],
    [
      'the other weight',
      ['h = Add(x, b)', 'k = Add(h, c)', 'z = Mul(k, b)'],
      ['h = Add(x, b)', 'k = Add(h, c)', 'z = Mul(k, c)'],
    ],
    ['one operand more', ['z = Sum(x, y)'], ['z = Sum(x, y, x)']],
    [
      'one operand less',
      ['h = Relu(x)', 'z = Sum(x, y, h)', 'w = Add(z, h)'],
      ['h = Relu(x)', 'z = Sum(x, y)', 'w = Add(z, h)'],
    ],
    [
      'outputs of one node',
      ['p, q = Split(x) {axis: 1}', 'z = Sub(p, q)'],
      ['p, q = Split(x) {axis: 1}', 'z = Sub(q, p)'],
    ],
    [
      'the other output of a node',
      ['p, q = Split(x) {axis: 1}', 'z = Relu(p)'],
      ['p, q = Split(x) {axis: 1}', 'z = Relu(q)'],
    ],
    ['twice the same in a sum', ['h = Relu(x)', 'z = Add(h, x)'], ['h = Relu(x)', 'z = Add(h, h)']],
  ])('%s', (_, a, b) => {
    const found = differences(two(a), two(b));
    expect(byFiles(found)).toBeUndefined();
    expect(found.nodes.flatMap(({ notes }) => notes).join()).toMatch(/input \d (comes from|is left out)/);
  });

  test('an output that is made by another node', () => {
    const a = two(['h = Relu(x)', 'k = Sigmoid(x)'], { outputs: ['h'] });
    const b = two(['k = Relu(x)', 'h = Sigmoid(x)'], { outputs: ['h'] });
    const found = differences(a, b);
    expect(byFiles(found)).toBeUndefined();
    expect(found.values.at(-1)).toMatchObject({
      side: 'output',
      change: 'changed',
      notes: ['another value: what the first model gave here is "k" now'],
    });
  });
});

describe('what is the same all the same', () => {
  const verdict = (a: Blueprint, b: Blueprint) => byFiles(differences(a, b));

  test('summands in another order', () => {
    expect(verdict(two(['h = Relu(x)', 'z = Add(x, h)']), two(['h = Relu(x)', 'z = Add(h, x)']))).toBe('identical');
  });

  test('a constant that is written down twice', () => {
    const weights = { b: floats([1, 2, 3, 4]), c: floats([1, 2, 3, 4]) };
    const a = two(['h = Sub(x, b)', 'k = Sub(h, c)', 'z = Mul(k, b)'], { weights });
    const b = two(['h = Sub(x, b)', 'k = Sub(h, c)', 'z = Mul(k, c)'], { weights });
    expect(verdict(a, b)).toBe('relabelled');
  });

  test('inputs and outputs in another order are told', () => {
    const nodes = ['h = Sub(x, y)', 'k = Relu(h)'];
    const a = two(nodes, { outputs: ['h', 'k'] });
    const b = two(nodes, { inputs: { y: ['n', 4], x: ['n', 4] }, outputs: ['k', 'h'] });
    const found = differences(a, b);
    expect(byFiles(found)).toBe('relabelled');
    expect(found.values.map(({ change }) => change)).toEqual(['moved', 'moved', 'moved', 'moved']);
  });
});

describe('graphs within nodes', () => {
  const inner = (nodes: readonly string[], rest: Partial<Blueprint> = {}) => buildGraph({ inputs: {}, ...rest, nodes });
  const branching = (first: Graph): Blueprint => ({
    inputs: { 'c: bool': [], x: ['n', 4], y: ['n', 4] },
    outputs: ['z', 'o'],
    nodes: ['h = Relu(x)', 'k = Tanh(y)', 'z, o = If(c) {then_branch: @first, else_branch: @other}'],
    parts: { first, other: inner(['p = Neg(x)', 'q = Neg(y)'], { outputs: ['p', 'q'] }) },
  });
  const outputs = ['p', 'q'];

  test.each<readonly [string, Graph, Graph]>([
    [
      'another value of outside',
      inner(['p = Neg(h)', 'q = Exp(k)'], { outputs }),
      inner(['p = Neg(k)', 'q = Exp(k)'], { outputs }),
    ],
    [
      'outputs in another order',
      inner(['p = Neg(h)', 'q = Exp(k)'], { outputs }),
      inner(['p = Neg(h)', 'q = Exp(k)'], { outputs: ['q', 'p'] }),
    ],
    [
      'a default of another opset',
      inner(['p = Neg(h)', 'q = Softmax(k)'], { outputs }),
      inner(['p = Neg(h)', 'q = Softmax(k) {axis: 1}'], { outputs }),
    ],
    [
      'a constant more',
      inner(['p = Neg(h)', 'q = Clip(k)'], { outputs }),
      inner(['p = Neg(h)', 'q = Clip(k, l)'], { outputs, weights: { l: floats([0], []) } }),
    ],
  ])('%s', (_, a, b) => {
    const found = differences(branching(a), branching(b));
    expect(byFiles(found)).toBeUndefined();
    expect(found.nodes.at(-1)?.notes.join()).toMatch(/^then_branch: /);
    expect(byFiles(differences(branching(b), branching(b)))).toBe('identical');
  });
});
