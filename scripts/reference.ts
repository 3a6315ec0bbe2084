/**
 * `npm run reference`: every fused, concatenated and averaged model of ../shared/reference made again, its outputs, kept
 * neurons and scores compared with what the paper's code gave; and PyTorch's training traces trained again. Prints the table; exits 1 if a row falls short.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, fuse } from '../lib/index.js';
import type { NdArray } from '../lib/ir/ndarray.js';
import { tryModel } from '../lib/runtime/trial.js';
import { CASES, type Case, expectedOf, inputOf, memberPath, ROOT } from './reference/cases.js';
import { compareRanks, largest } from './reference/ranks.js';
import { roundTrips } from './reference/round-trip.js';
import { checkTraces } from './reference/traces.js';
import { checkArtifacts } from './reference/training.js';

const OUTPUTS = 1e-4;
const SCORES = 1e-5;

async function make({ members, how, options }: Case, output: string): Promise<void> {
  const paths = members.map(memberPath);
  if (how === 'concat') await concat(paths, { output });
  else await fuse(paths, { ...options, method: how, output });
}

async function check(each: Case, folder: string): Promise<boolean> {
  const output = join(folder, `${each.name}.onnx`);
  await make(each, output);
  const expected = await expectedOf(each.name);
  const { outputs } = await tryModel(output, { feeds: new Map([['input', await inputOf(each.name)]]) });
  const [logits] = outputs.values();
  const off = largest((logits as NdArray).data, (expected.get('logits') as NdArray).data, (x, y) => Math.abs(x - y));
  const ranks = each.how === 'transplant' ? compareRanks(each, expected) : undefined;
  const good = off < OUTPUTS && (!ranks || (ranks.kept && ranks.worst < SCORES && ranks.groups > 0));
  const cells = [
    each.name.padEnd(25),
    (each.remark ?? '').padEnd(16),
    off.toExponential(1).padStart(8),
    (ranks ? String(ranks.groups) : '-').padStart(7),
    (ranks ? ranks.worst.toExponential(1) : '-').padStart(8),
    (ranks ? (ranks.kept ? 'same' : 'OTHER') : '-').padStart(6),
    good ? '' : '  FALLS SHORT',
  ];
  console.log(cells.join(' ').trimEnd());
  return good;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-transplant-reference-'));
  console.log(`${'model'.padEnd(42)}  max |d|  groups   scores   kept`);
  let short = 0;
  for (const each of CASES) if (!(await check(each, folder))) short += 1;
  rmSync(folder, { recursive: true });
  console.log(
    `${CASES.length - short} of ${CASES.length} rows meet the reference (outputs ${OUTPUTS}, scores ${SCORES}, same neurons)`,
  );
  const { count, changed } = roundTrips();
  console.log(
    `${count - changed.length} of ${count} models are the same message after read and write ${changed.join(' ')}`,
  );
  const traces = await checkTraces();
  const trained = await checkArtifacts();
  process.exitCode = short + changed.length + traces.short + trained.short === 0 ? 0 : 1;
}

if (existsSync(ROOT)) await main();
else {
  console.error('npm run reference needs the reference data in ../shared/reference, which this machine does not have.');
  process.exitCode = 2;
}
