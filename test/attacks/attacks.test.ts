import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ERROR_CODES } from '../../lib/errors.js';
import { codeFromAsync } from '../support/codes.js';
import { manifest } from '../support/manifest.js';
import type { Attack } from './attack.js';
import { READING } from './reading.js';
import { TRAINING } from './training.js';
import { WRITING } from './writing.js';

const ATTACKS: readonly Attack[] = [...READING, ...WRITING, ...TRAINING];

/** Longest time that a refusal may take: they are decided before the work begins. */
const SECONDS = 10;

describe('attacks', () => {
  for (const { name, code, run, skip, leaves } of ATTACKS) {
    (skip ? test.skip : test)(`${name}: ${skip ?? code}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'onnx-transplant-'));
      try {
        const started = performance.now();
        expect(await codeFromAsync(async () => run(folder))).toBe(code);
        expect(performance.now() - started).toBeLessThan(SECONDS * 1000);
        if (leaves) expect(readdirSync(folder)).toEqual(leaves);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

test('every error code is provoked by a fixture or an attack', () => {
  const fixtures = manifest().flatMap(({ trials }) => trials.map(({ result }) => result));
  const attacks = ATTACKS.filter(({ skip }) => skip === undefined).map(({ code }) => code);
  const provoked = new Set<string>([...fixtures, ...attacks]);
  expect(ERROR_CODES.filter((code) => !provoked.has(code))).toEqual([]);
});
