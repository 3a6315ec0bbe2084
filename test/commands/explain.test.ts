/** `prune --explain`: every axis, every score, and why what stays stays. */
import { describe, expect, test } from '@jest/globals';
import { PLAIN } from '../../bin/style.js';
import { explainLines } from '../../bin/text/explain.js';
import { explain } from '../../lib/commands/explain.js';
import { type PruneOptions, prune } from '../../lib/transforms/prune.js';
import { type Blueprint, build } from '../support/build.js';
import { PRUNE } from '../support/oracle.js';
import { floats } from '../support/weights.js';

/** Two layers whose neurons score [5, 20, 12.5, 1.25] and [1, 3] by their rows and columns. */
const two: Blueprint = {
  inputs: { x: ['batch', 1] },
  weights: {
    w1: floats([1, 2, 3, 1], [1, 4]),
    b1: [4],
    w2: floats([2, 1, 4, 0, 1, 1, 0.5, 0.5], [4, 2]),
    w3: floats([1, 2], [2, 1]),
  },
  nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'g = MatMul(r, w2)', 'y = MatMul(g, w3)'],
};

const l2 = { ...PRUNE, importance: 'l2' } as const;
const explained = (options: Partial<PruneOptions>, print = two) => explain(prune(build(print), { ...l2, ...options }));

test('a group tells its neurons, all its axes, and where the cut was', () => {
  const [group] = explained({ ratio: 0.5 }).groups;
  const raw = [1 + 5, 4 + 16, 9 + 2, 1 + 0.5];
  const scores = raw.map((score) => (4 * score) / raw.reduce((a, b) => a + b));
  expect(group).toEqual({
    name: 'w1',
    neurons: 4,
    kept: 2,
    axes: [
      { value: 'w1', axis: 1, initializer: true },
      { value: 'b1', axis: 0, initializer: true },
      { value: 'w2', axis: 0, initializer: true },
      { value: 'h', axis: 1, initializer: false },
      { value: 'r', axis: 1, initializer: false },
    ],
    scores: {
      min: scores[3],
      median: ((scores[0] as number) + (scores[2] as number)) / 2,
      max: scores[1],
      threshold: scores[2],
    },
    competed: [],
    why: null,
  });
});

test('groups of one ranking name each other', () => {
  expect(explained({ ratio: 0.5, scope: 'global' }).groups.map(({ competed }) => competed)).toEqual([['w2'], ['w1']]);
});

test.each<readonly [string, Partial<PruneOptions>]>([
  ['a name to ignore means it', { ignore: ['b1'] }],
  ['the ceiling on what may go leaves all', { maxRatio: 0.1 }],
  ['the ratio leaves all', { ratio: 0 }],
])('what loses nothing says why: %s', (why, options) => {
  const [group] = explained({ ratio: 0.5, ...options }).groups;
  expect(group).toMatchObject({ kept: 4, why, scores: { threshold: null } });
});

test('so does a single neuron', () => {
  const weights = { ...two.weights, w2: [4, 1], w3: [1, 1] };
  expect(explained({ ratio: 0.5 }, { ...two, weights }).groups[1]?.why).toBe('one neuron always stays');
});

test('what is no neuron says why', () => {
  const nodes = ['h = Gemm(x, w1, b1)', 'r = Frob(h)', 'g = MatMul(r, w2)', 'y = MatMul(g, w3)'];
  const model = build({ ...two, nodes });
  const noted = { ...model, graph: { ...model.graph, valueInfo: [{ name: 'r', dtype: 1, shape: [2, 4] }] } };
  const { groups, fixed, uncovered } = explain(prune(noted, { ...l2, ratio: 0.5 }));
  expect(groups.map(({ name }) => name)).toEqual(['w2']);
  expect(fixed.map(({ weight, positions, why }) => [weight, positions, why])).toEqual([
    ['w1', 4, expect.stringMatching(/Frob/)],
    ['w3', 1, 'an axis of a graph output'],
  ]);
  expect(uncovered).toEqual([expect.objectContaining({ op: 'Frob' })]);
});

describe('as text', () => {
  const text = (width: number) =>
    explainLines(explained({ ratio: 0.5, scope: 'global', ignore: [] }), { width, style: PLAIN });

  test('it says all that', () => {
    const lines = text(Number.POSITIVE_INFINITY);
    expect(lines.slice(0, 3)).toEqual([
      expect.stringMatching(/^group w1, 4 neurons, \d kept$/),
      expect.stringMatching(/^ {2}scores [\d.]+ to [\d.]+, median [\d.]+; kept from [\d.]+ up, against w2$/),
      '  w1  axis 1  initializer',
    ]);
    expect(lines.join('\n')).toMatch(/outputs of layers that are no neurons\n {2}w3 axis 1 \(all 1\), MatMul/);
  });

  test('in as many columns as there are', () => {
    expect(text(40).filter((line) => line.length > 40)).toEqual([]);
  });
});
