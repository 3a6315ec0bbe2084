/** Who competes with whom, and how many stay. */
import { describe, expect, test } from '@jest/globals';
import { findNeurons } from '../../lib/analysis/neurons.js';
import { prune } from '../../lib/transforms/prune.js';
import { type PlanOptions, planPruning } from '../../lib/transforms/prune-plan.js';
import { type Blueprint, build } from '../support/build.js';
import { groupSizes, PRUNE } from '../support/oracle.js';
import { floats } from '../support/weights.js';

/** Groups w1, w2 and w3 of 8, 10 and 4 neurons. */
const deep: Blueprint = {
  inputs: { x: ['batch', 6] },
  weights: { w1: [6, 8], b1: [8], w2: [8, 10], w3: [10, 4], w4: [4, 3] },
  nodes: [
    'h = Gemm(x, w1, b1)',
    'r = Relu(h)',
    'g = MatMul(r, w2)',
    's = Relu(g)',
    'k = MatMul(s, w3)',
    'y = MatMul(k, w4)',
  ],
};

const l2 = { ...PRUNE, importance: 'l2' } as const;

const plan = (options: Partial<PlanOptions>, ratio: number) =>
  planPruning(findNeurons(build(deep)), { scope: 'layer', ignore: [], ...options }).poolsAt(ratio);

const sizes = (options: object) => groupSizes(prune(build(deep), { ...l2, ...options }).model);

describe('pools', () => {
  test('each group by itself, with int(N (1 - ratio)) of it', () => {
    expect(plan({}, 0.5)).toEqual([
      { groups: [0], keep: 4 },
      { groups: [1], keep: 5 },
      { groups: [2], keep: 2 },
    ]);
  });

  test('all in one, with int(N (1 - ratio)) of the sum', () => {
    expect(plan({ scope: 'global' }, 0.3)).toEqual([{ groups: [0, 1, 2], keep: 15 }]);
  });

  test('without those that are ignored, that have a ratio of their own, or that may lose nothing', () => {
    const ratioFor = new Map([['w2', 0.9]]);
    expect(() => plan({ scope: 'global', ratioFor, ignore: ['b1'] }, 0.5)).toThrow(/b1|w2/);
    expect(plan({ scope: 'global', ratioFor: new Map([['g', 0.9]]), ignore: ['b1'] }, 0.5)).toEqual([
      { groups: [0], keep: 8 },
      { groups: [1], keep: 1 },
      { groups: [2], keep: 2 },
    ]);
  });

  test('no group loses more than --max-ratio', () => {
    expect(plan({ maxRatio: 0.25 }, 0.5).map(({ keep }) => keep)).toEqual([6, 8, 3]);
    expect(sizes({ scope: 'global', ratio: 0.9, maxRatio: 0.25 })).toEqual([6, 8, 3]);
    expect(sizes({ scope: 'global', ratio: 0.9, maxRatio: 0 })).toEqual([8, 10, 4]);
  });
});

describe('a ratio for one group', () => {
  test.each(['w1', 'b1', 'h', 'r'])('by the name %s', (name) => {
    // w1 lies on the input axis too, b1 and the values on these neurons alone.
    expect(sizes({ ratio: 0.5, ratioFor: new Map([[name, 0.25]]) })).toEqual([6, 5, 2]);
  });

  test('by the name of a node, that of a weight on two axes for both', () => {
    const model = build(deep);
    const nodes = model.graph.nodes.map((node, i) => ({ ...node, name: `node${i}` }));
    const named = { ...model, graph: { ...model.graph, nodes } };
    const ratioFor = new Map([['node2', 0.9]]);
    expect(groupSizes(prune(named, { ...l2, ratio: 0, ratioFor }).model)).toEqual([8, 1, 4]);
    expect(sizes({ ratio: 0, ratioFor: new Map([['w2', 0.5]]) })).toEqual([4, 5, 4]);
  });

  test.each<readonly [string, Partial<PlanOptions>, RegExp]>([
    ['that means nothing', { ratioFor: new Map([['nothing', 0.5]]) }, /--ratio-for "nothing" names nothing/],
    ['that an input has', { ratioFor: new Map([['x', 0.5]]) }, /"x" names nothing/],
    ['of a group that is ignored', { ratioFor: new Map([['h', 0.5]]), ignore: ['b1'] }, /--ignore keeps them all/],
    [
      'of a group that has another',
      {
        ratioFor: new Map([
          ['h', 0.5],
          ['r', 0.25],
        ]),
      },
      /another --ratio-for says 0.5/,
    ],
    ['for groups that do not compete', { isomorphic: true }, /--isomorphic is for one ranking/],
  ])('is refused: a name %s', (_, options, message) => {
    expect(() => plan(options, 0.5)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
    );
  });
});

test('widths become multiples, but those that stay as they are', () => {
  expect(sizes({ ratio: 0.3, roundTo: 4 })).toEqual([4, 4, 4]);
  expect(sizes({ ratio: 0.3, roundTo: 3, ignore: ['k'] })).toEqual([3, 6, 4]);
});

describe('isomorphic pruning', () => {
  /** Two residual blocks of the same structure, whose inner widths compete; the stream itself is of another structure. */
  const blocks: Blueprint = {
    inputs: { x: ['batch', 3] },
    weights: {
      w0: [3, 4],
      a1: floats([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], [4, 4]),
      a2: [4, 4],
      c1: floats([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], [4, 4]),
      c2: [4, 4],
      w3: [4, 2],
    },
    nodes: [
      's = MatMul(x, w0)',
      'a = MatMul(s, a1)',
      'ar = Relu(a)',
      'ao = MatMul(ar, a2)',
      't = Add(s, ao)',
      'c = MatMul(t, c1)',
      'cr = Relu(c)',
      'co = MatMul(cr, c2)',
      'u = Add(t, co)',
      'y = MatMul(u, w3)',
    ],
  };

  const pools = (print: Blueprint) =>
    planPruning(findNeurons(build(print)), { scope: 'global', isomorphic: true, ignore: [] }).poolsAt(0.5);

  test('pools groups of the same structure', () => {
    expect(pools(blocks)).toEqual([
      { groups: [0], keep: 2 },
      { groups: [1, 2], keep: 4 },
    ]);
  });

  test('whatever their widths', () => {
    const weights = { ...blocks.weights, c1: [4, 7], c2: [7, 4] };
    expect(pools({ ...blocks, weights })[1]).toEqual({ groups: [1, 2], keep: 5 });
  });

  test('not those that another operator tells apart', () => {
    const nodes = blocks.nodes.map((node) => node.replace('cr = Relu', 'cr = Tanh'));
    expect(pools({ ...blocks, nodes })).toEqual([
      { groups: [0], keep: 2 },
      { groups: [1], keep: 2 },
      { groups: [2], keep: 2 },
    ]);
  });
});
