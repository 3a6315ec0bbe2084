/** Which neurons are kept: order, ties, sizes, the limit on transfer, and one ranking over all layers. */
import { describe, expect, test } from '@jest/globals';
import { type Family, gatherFamily } from '../../lib/analysis/members.js';
import { candidatesOf, poolsOf, type Scope } from '../../lib/transforms/pools.js';
import { checkSizes, chooser, keptAt, selectAll, selectionOf } from '../../lib/transforms/select.js';
import { build } from '../support/build.js';

/** Members with two layers of the given widths each. */
function family(...widths: readonly (readonly [number, number])[]): Family {
  const models = widths.map(([a, b]) =>
    build({
      inputs: { x: ['batch', 2] },
      weights: { wa: [2, a], wb: [a, b], wc: [b, 1] },
      nodes: ['a = MatMul(x, wa)', 'b = MatMul(a, wb)', 'y = MatMul(b, wc)'],
    }),
  );
  return gatherFamily(models[0] as (typeof models)[0], models);
}

interface Options {
  readonly sizes: readonly number[];
  readonly scope?: Scope;
  readonly transfer?: number;
}

function select(
  members: Family,
  scores: readonly (readonly (readonly number[])[])[],
  { sizes, scope = 'layer', transfer = 1 }: Options,
) {
  const typed = scores.map((each) => each.map((group) => Float64Array.from(group)));
  const candidates = candidatesOf(selectAll(members), typed);
  checkSizes(members, candidates, sizes);
  return selectionOf(members, candidates, chooser(candidates, { transfer })(poolsOf(sizes, scope)));
}

/** `0.1` is neuron 1 of member 0. */
function selected(
  members: Family,
  scores: readonly (readonly (readonly number[])[])[],
  options: Options,
): readonly string[] {
  const { selection } = select(members, scores, options);
  return selection.map((group) => group.map(({ member, neuron }) => `${member}.${neuron}`).join(' '));
}

describe('a layer by itself', () => {
  const two = family([3, 1], [3, 1]);
  const scores = [
    [[1, 5, 3], [1]],
    [[4, 2, 6], [1]],
  ];

  test('the best of all members, in the order of members and positions', () => {
    expect(selected(two, scores, { sizes: [3, 1] })).toEqual(['0.1 1.0 1.2', '0.0']);
    expect(selected(two, scores, { sizes: [1, 2] })).toEqual(['1.2', '0.0 1.0']);
  });

  test('all', () => {
    expect(selected(two, scores, { sizes: [6, 2] })).toEqual(['0.0 0.1 0.2 1.0 1.1 1.2', '0.0 1.0']);
    expect(selectAll(two).map((group) => group.length)).toEqual([6, 2]);
  });

  test('equal scores: the earlier member, then the earlier position', () => {
    const equal = [
      [[1, 1, 1], [1]],
      [[1, 2, 1], [1]],
    ];
    expect(selected(two, equal, { sizes: [1, 1] })[0]).toBe('1.1');
    expect(selected(two, equal, { sizes: [3, 1] })[0]).toBe('0.0 0.1 1.1');
    expect(selected(two, equal, { sizes: [5, 1] })[0]).toBe('0.0 0.1 0.2 1.0 1.1');
  });

  test('the ranking tells the scores by the mean, what was kept, and from whom', () => {
    const { ranking } = select(two, scores, { sizes: [3, 1] });
    expect(ranking[0]).toEqual({
      name: 'wa',
      scores: Float64Array.of(1 / 3.5, 5 / 3.5, 3 / 3.5, 4 / 3.5, 2 / 3.5, 6 / 3.5),
      kept: [1, 3, 5],
      members: [3, 3],
      fromMember: [1, 2],
    });
  });

  test('scores that are all zero stay so', () => {
    const none = [
      [[0, 0, 0], [0]],
      [[0, 0, 0], [0]],
    ];
    expect(selected(two, none, { sizes: [2, 1] })[0]).toBe('0.0 0.1');
  });

  test.each([0, 7])('%p neurons out of 6 cannot be', (size) => {
    expect(() => selected(two, scores, { sizes: [size, 1] })).toThrow(
      expect.objectContaining({
        code: 'SELECTION_SIZE',
        message: expect.stringContaining(`"wa" should get ${size} neurons out of 6`),
      }),
    );
  });
});

describe('a limit on what comes from other members', () => {
  const two = family([4, 1], [4, 1]);
  const scores = [
    [[1, 2, 3, 4], [1]],
    [[9, 8, 7, 6], [2]],
  ];

  test.each<readonly [number, string]>([
    [1, '1.0 1.1 1.2 1.3'],
    [0.5, '0.2 0.3 1.0 1.1'],
    [0.49, '0.1 0.2 0.3 1.0'],
    [0.25, '0.1 0.2 0.3 1.0'],
    [0, '0.0 0.1 0.2 0.3'],
  ])('transfer %p', (transfer, expected) => {
    expect(selected(two, scores, { sizes: [4, 1], transfer })[0]).toBe(expected);
  });

  test('a share that is exact in decimals is not lost in binary', () => {
    const ten = family([10, 1], [10, 1]);
    const all = [
      [Array(10).fill(1), [1]],
      [Array(10).fill(2), [1]],
    ];
    // 0.7 * 10 is a little less than 7 in double precision only in some orders of operation; 0.3 * 10 a little more than 3.
    expect(selected(ten, all, { sizes: [10, 1], transfer: 0.7 })[0]?.match(/1\./g)).toHaveLength(7);
    expect(selected(ten, all, { sizes: [10, 1], transfer: 0.3 })[0]?.match(/1\./g)).toHaveLength(3);
  });

  test('a first member that is too narrow is filled up by the others', () => {
    const narrow = family([2, 1], [4, 1]);
    const all = [
      [[1, 2], [1]],
      [[9, 8, 7, 6], [1]],
    ];
    expect(selected(narrow, all, { sizes: [4, 1], transfer: 0 })[0]).toBe('0.0 0.1 1.0 1.1');
    expect(selected(narrow, all, { sizes: [4, 1], transfer: 0, scope: 'global' })[0]).toBe('0.0 0.1 1.0 1.1');
  });
});

describe('one ranking over all layers', () => {
  const one = family([3, 3]);

  test('only the sum of sizes counts; scores are compared by the mean of their layer', () => {
    const scores = [
      [
        [10, 100, 190],
        [1, 2, 3],
      ],
    ];
    // By the mean: .1 1 1.9 and .5 1 1.5.
    expect(selected(one, scores, { sizes: [2, 2], scope: 'global' })).toEqual(['0.1 0.2', '0.1 0.2']);
    expect(selected(one, scores, { sizes: [1, 2], scope: 'global' })).toEqual(['0.1 0.2', '0.2']);
  });

  test('each layer keeps its best', () => {
    const scores = [
      [
        [1, 1, 1],
        [0, 0, 0],
      ],
    ];
    expect(selected(one, scores, { sizes: [1, 1], scope: 'global' })).toEqual(['0.0', '0.0']);
    expect(selected(one, scores, { sizes: [2, 2], scope: 'global' })).toEqual(['0.0 0.1 0.2', '0.0']);
  });

  test('a layer keeps as many as its floor', () => {
    const scores = [
      [
        [0.1, 0.1, 5],
        [1, 1, 1],
      ],
    ];
    const candidates = candidatesOf(
      selectAll(one),
      scores.map((each) => each.map((group) => Float64Array.from(group))),
    );
    const kept = (floors: readonly number[], keep: number) =>
      chooser(candidates, { floors })([{ groups: [0, 1], keep }]);
    expect(kept([3, 1], 4)).toEqual([[0, 1, 2], [0]]);
    expect(kept([2, 1], 4)).toEqual([
      [0, 2],
      [0, 1],
    ]);
    expect(kept([2, 3], 1)).toEqual([
      [0, 2],
      [0, 1, 2],
    ]);
  });

  test('equal scores: the earlier layer', () => {
    const scores = [
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
    ];
    expect(selected(one, scores, { sizes: [2, 2], scope: 'global' })).toEqual(['0.0 0.1 0.2', '0.0']);
  });

  test('no transfer means none, not even the best of a layer', () => {
    const two = family([2, 2], [2, 2]);
    const scores = [
      [
        [1, 1],
        [1, 1],
      ],
      [
        [9, 9],
        [9, 9],
      ],
    ];
    const none = { sizes: [2, 2], scope: 'global', transfer: 0 } as const;
    expect(selected(two, scores, none)).toEqual(['0.0 0.1', '0.0 0.1']);
    expect(selected(two, scores, { ...none, transfer: 0.25 })).toEqual(['0.0 0.1 1.0', '0.0']);
    expect(selected(two, scores, { ...none, transfer: 1 })).toEqual(['1.0 1.1', '1.0 1.1']);
  });
});

describe('widths that are multiples', () => {
  const six = family([6, 1]);
  const candidates = candidatesOf(selectAll(six), [[Float64Array.of(1, 2, 3, 4, 5, 6), Float64Array.of(1)]]);
  const kept = (keep: number, roundTo: number, floor = 1) =>
    chooser(candidates, { floors: [floor, 1], roundTo })([{ groups: [0], keep }])[0];

  test.each<readonly [number, number, readonly number[]]>([
    [5, 2, [2, 3, 4, 5]],
    [4, 2, [2, 3, 4, 5]],
    [5, 3, [3, 4, 5]],
    [5, 4, [2, 3, 4, 5]],
  ])('%p rounded down to a multiple of %p keeps %j', (keep, multiple, places) => {
    expect(kept(keep, multiple)).toEqual(places);
  });

  test('a layer that loses nothing stays as it is', () => {
    expect(kept(6, 4)).toHaveLength(6);
  });

  test('where the multiple below would be too few, the one above stays, or all', () => {
    expect(kept(1, 2)).toEqual([4, 5]);
    expect(kept(3, 4)).toEqual([2, 3, 4, 5]);
    expect(kept(3, 8)).toHaveLength(6);
    expect(kept(3, 2, 3)).toEqual([2, 3, 4, 5]);
  });
});

describe('how many a ratio leaves', () => {
  test('is what the paper says: int(N * (1 - ratio)), at least 1', () => {
    expect([keptAt(10, 0), keptAt(10, 0.5), keptAt(10, 0.25), keptAt(5, 0.5), keptAt(1, 0.5), keptAt(3, 0.99)]).toEqual(
      [10, 5, 7, 2, 1, 1],
    );
  });

  test.each([2, 3, 4, 5, 6, 7, 8])('of %p members with ratio 1 - 1/k', (k) => {
    const lost = [3, 5, 6, 7].includes(k) ? 1 : 0;
    for (const n of [6, 16, 84, 120, 512]) expect(keptAt(k * n, 1 - 1 / k)).toBe(n - lost);
  });
});
