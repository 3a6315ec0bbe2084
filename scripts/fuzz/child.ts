/**
 * A child of the fuzzer: tries a range of mutants one after the other, and tells the parent through a pipe (file 3), written
 * at once, so that the parent knows which mutant a child was at that hung or died.
 */
import { writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from '../../lib/ir/model.js';
import { memberOf, type Outcome, tryMutant } from './attempt.js';
import { copyData, type Fixture, readCorpus } from './corpus.js';
import { mutantOf } from './mutant.js';

/** What a child is told on its command line, as JSON. */
export interface Task {
  /** The folder of the fixtures. */
  readonly fixtures: string;
  /** A folder of the child's own. */
  readonly folder: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** What a child says, one line of JSON each: a mutant begins, or it is done. */
export type Said =
  | { readonly begins: number }
  | { readonly done: number; readonly outcomes: readonly Outcome[]; readonly seconds: number; readonly peak: number };

const say = (said: Said): void => void writeSync(3, `${JSON.stringify(said)}\n`);

function run({ fixtures, folder, seed, from, to }: Task): void {
  const corpus = readCorpus(fixtures);
  copyData(fixtures, folder);
  const path = join(folder, 'mutant.onnx');
  const members = new Map<Fixture, Model | undefined>();
  for (let index = from; index < to; index++) {
    say({ begins: index });
    const started = performance.now();
    const { original, bytes } = mutantOf(corpus, seed, index);
    if (!members.has(original)) members.set(original, memberOf(original.bytes));
    writeFileSync(path, bytes);
    const outcomes = tryMutant(path, bytes, members.get(original));
    const seconds = (performance.now() - started) / 1000;
    say({ done: index, outcomes, seconds, peak: process.resourceUsage().maxRSS * 1024 });
  }
}

run(JSON.parse(process.argv[2] ?? '') as Task);
