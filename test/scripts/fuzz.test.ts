import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { memberOf, tryMutant } from '../../scripts/fuzz/attempt.js';
import type { Case } from '../../scripts/fuzz/batch.js';
import { readCorpus } from '../../scripts/fuzz/corpus.js';
import { mutantOf } from '../../scripts/fuzz/mutant.js';
import { Tally } from '../../scripts/fuzz/tally.js';
import { parseTree, spotsOf, treeBytes } from '../../scripts/fuzz/tree.js';
import { readFixture } from '../support/manifest.js';

const corpus = readCorpus('fixtures');

describe('mutants', () => {
  test('are the same for one seed and number, and different for others', () => {
    const hex = (seed: number, index: number) => Buffer.from(mutantOf(corpus, seed, index).bytes).toString('hex');
    expect(hex(1, 5)).toBe(hex(1, 5));
    expect(new Set([hex(1, 5), hex(1, 6), hex(2, 5)]).size).toBe(3);
  });

  test('differ from what they are made of', () => {
    const same = Array.from({ length: 200 }, (_, i) => mutantOf(corpus, 3, i)).filter(
      ({ original, bytes }) => Buffer.compare(original.bytes, bytes) === 0,
    );
    // A mutation may happen to change nothing: a bit set to what it was, two equal fields exchanged.
    expect(same.length).toBeLessThan(20);
  });

  test('get beyond the reader often enough to be worth it', () => {
    const read = Array.from({ length: 300 }, (_, i) => memberOf(mutantOf(corpus, 4, i).bytes)).filter(Boolean);
    expect(read.length).toBeGreaterThan(60);
  });
});

describe('a file as a tree', () => {
  test.each(['members/digits-cnn0.onnx', 'accepted/unknown-fields.onnx', 'accepted/subgraphs-32.onnx'])(
    '%s',
    (path) => {
      const bytes = readFixture(path);
      const tree = parseTree(bytes) ?? [];
      expect(spotsOf(tree).length).toBeGreaterThan(50);
      expect(Buffer.compare(treeBytes(tree), bytes)).toBe(0);
    },
  );
});

test('a hundred mutants give no finding', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-transplant-'));
  const path = join(folder, 'mutant.onnx');
  const findings = Array.from({ length: 100 }, (_, i) => {
    const { original, bytes } = mutantOf(corpus, 5, i);
    writeFileSync(path, bytes);
    return tryMutant(path, bytes, memberOf(original.bytes)).flatMap(({ finding }) => finding ?? []);
  });
  rmSync(folder, { recursive: true });
  expect(findings.flat()).toEqual([]);
});

describe('the tally', () => {
  const failing = (index: number, place: string): Case => ({
    index,
    seconds: 0.1,
    outcomes: [
      { stage: 'read', code: 'ok' },
      { stage: 'prune', code: 'TypeError', finding: `TypeError: no\n    at f (file:///dist/lib/${place}:3:4)` },
    ],
  });

  test('takes findings at one place for one, and keeps the first mutants of each', () => {
    const tally = new Tally();
    const kept = [1, 2, 3, 4, 5].map((index) => tally.add(failing(index, 'ir/dim.js')).length);
    expect(kept).toEqual([1, 1, 1, 0, 0]);
    tally.add(failing(6, 'ir/walk.js'));
    expect([...tally.findings].map(([key, { count, cases }]) => [key, count, cases])).toEqual([
      ['TypeError at ir/dim.js:3', 5, [1, 2, 3]],
      ['TypeError at ir/walk.js:3', 1, [6]],
    ]);
    expect(tally.codes.get('TypeError')).toBe(6);
  });
});
