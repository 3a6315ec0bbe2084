/**
 * Laws that hold for every network, over random graphs and over those that once broke one. LAWS_GRAPHS and LAWS_SEED ask for
 * more or others; `npm run laws` checks many, and shrinks what it finds.
 */
import { basename } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ALL_LAWS, checkMembers } from '../../scripts/laws/check.js';
import { familiesIn, readFamily } from '../../scripts/laws/keep.js';
import { checkRange } from '../../scripts/laws/range.js';
import { Tally } from '../../scripts/laws/tally.js';
import { fixturePath } from '../support/manifest.js';

const SEED = Number(process.env.LAWS_SEED ?? 1);
const GRAPHS = Number(process.env.LAWS_GRAPHS ?? 1000);

/** Longest time for one graph, on a machine that has other things to do. */
const GRAPH_MILLISECONDS = 300;

const NAMES = ALL_LAWS.map(({ name }) => name);

describe(`over ${GRAPHS} random graphs`, () => {
  const tally = new Tally();
  const broken = new Map<string, string[]>();

  beforeAll(async () => {
    // In children, on both cores: within Jest each of them would take half as long again.
    await checkRange({ seed: SEED, from: 0, to: GRAPHS, children: 2, batch: Math.ceil(GRAPHS / 4) }, (graded) => {
      for (const { law, why } of tally.add(graded.index, graded.outcomes)) {
        const told = `npm run laws -- --seed ${SEED} --only ${graded.index}: ${why}`;
        broken.set(law, [...(broken.get(law) ?? []), told]);
      }
    });
  }, GRAPHS * GRAPH_MILLISECONDS);

  test('all of them', () => {
    expect(tally.graphs).toBe(GRAPHS);
    expect([...broken.keys()].filter((law) => !NAMES.includes(law))).toEqual([]);
  });

  test.each(NAMES)('%s', (name) => {
    expect(broken.get(name) ?? []).toEqual([]);
  });

  test.each(NAMES)('%s: for most, exactly', (name) => {
    expect(tally.count(name, 'held')).toBeGreaterThan(GRAPHS / 2);
  });
});

describe('over graphs that once broke a law', () => {
  test.each(familiesIn(fixturePath('found-laws')).map((folder) => [basename(folder), folder] as const))(
    '%s',
    async (_, folder) => {
      const outcomes = await checkMembers(readFamily(folder));
      expect(outcomes.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
      expect(outcomes.map(({ law }) => law)).toEqual(NAMES);
    },
  );
});
