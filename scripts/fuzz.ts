/**
 * `npm run fuzz -- --minutes M --seed S`: mutants of all model fixtures, each put through reading, analysis and every
 * transform in a child process with ceilings on heap, memory and time. Allowed is success and a typed refusal. Anything else
 * is a finding: its mutant is kept under .cache/fuzz, and the exit code is 1. Nothing is run in ONNX Runtime.
 * `npm run fuzz -- --repeat FILE` tries one kept mutant again and prints every outcome with its stack.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { memberOf, type Outcome, tryMutant } from './fuzz/attempt.js';
import { runBatch } from './fuzz/batch.js';
import { copyData, type Fixture, readCorpus } from './fuzz/corpus.js';
import { mutantOf } from './fuzz/mutant.js';
import { Tally } from './fuzz/tally.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FIXTURES = join(ROOT, 'fixtures');
const CACHE = join(ROOT, '.cache', 'fuzz');

/** Mutants that one child tries. */
const BATCH = 500;

/** Keeps a mutant and what it was made of. */
function keep(corpus: readonly Fixture[], seed: number, index: number, outcomes: readonly Outcome[]): void {
  const { original, bytes } = mutantOf(corpus, seed, index);
  const path = join(CACHE, `${seed}-${index}.onnx`);
  writeFileSync(path, bytes);
  writeFileSync(path.replace(/\.onnx$/, '.original'), original.bytes);
  for (const { stage, code, finding } of outcomes) {
    console.log(`\n${code} in ${stage}, mutant ${index} of ${original.path}\n${finding}`);
  }
  console.log(`repeat: npm run fuzz -- --repeat ${path}`);
}

async function fuzz(minutes: number, seed: number, first: number): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const corpus = readCorpus(FIXTURES);
  const tally = new Tally();
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let next = first;
  while (seconds() < minutes * 60) {
    const folder = join(CACHE, `run-${process.pid}`);
    for await (const each of runBatch({ fixtures: FIXTURES, folder, seed, from: next, to: next + BATCH })) {
      next = each.index + 1;
      const found = tally.add(each);
      if (found.length > 0) keep(corpus, seed, each.index, found);
      if (seconds() >= minutes * 60) break;
    }
  }
  for (const line of [`seed ${seed}, ${corpus.length} fixtures`, ...tally.lines(seconds())]) console.log(line);
  if (tally.findings.size > 0) process.exitCode = 1;
}

function repeat(path: string): void {
  const bytes = new Uint8Array(readFileSync(path));
  const folder = join(CACHE, `run-${process.pid}`);
  copyData(FIXTURES, folder);
  const copy = join(folder, 'mutant.onnx');
  writeFileSync(copy, bytes);
  const beside = path.replace(/\.onnx$/, '.original');
  const original = existsSync(beside) ? memberOf(new Uint8Array(readFileSync(beside))) : undefined;
  const outcomes = tryMutant(copy, bytes, original);
  for (const { stage, code, finding } of outcomes) console.log(`${stage}: ${code}${finding ? `\n${finding}` : ''}`);
  rmSync(folder, { recursive: true });
  if (outcomes.some(({ finding }) => finding !== undefined)) process.exitCode = 1;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    repeat: { type: 'string' },
  },
});
if (values.repeat !== undefined) repeat(values.repeat);
else await fuzz(Number(values.minutes), Number(values.seed), Number(values.first));
