/**
 * `npm run zoo -- [NAME ..] [--models DIR] [--torch-pruning | --diff] [--write]`: every net of the zoo (scripts/zoo/make.py) pruned, fused
 * and concatenated, each result run in ONNX Runtime and held against what it must compute. Prints the table. Exits 1 where
 * something is wrong; a refusal is not. `--torch-pruning` instead holds pruned nets against those that torch-pruning made
 * (scripts/zoo/prune.py), and exits 1 where one does not agree. `--diff` compares the exports of each net with each other, and each
 * with itself in another order of neurons. `--write` does both and puts them into docs/zoo.md.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkNet, type NetResult } from './zoo/check.js';
import { checkDiff, diffRow, diffSummary } from './zoo/diff.js';
import { zooPage } from './zoo/page.js';
import { zooRow, zooSummary } from './zoo/table.js';
import { agrees, type Checked, checkTorch, torchRow, torchSummary } from './zoo/torch-pruning/table.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = join(ROOT, 'docs', 'zoo.md');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', default: join(ROOT, '.cache', 'zoo') },
    'torch-pruning': { type: 'boolean', default: false },
    diff: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const models = resolve(values.models);

/** Checks net by net and prints each result as it comes. */
async function each<T>(
  names: readonly string[],
  check: (folder: string, net: string) => Promise<readonly T[]>,
  row: (result: T) => string,
): Promise<readonly T[]> {
  const results: T[] = [];
  for (const name of names) {
    for (const result of await check(join(models, name), name)) {
      results.push(result);
      console.log(row(result));
    }
  }
  return results;
}

async function checkAll(names: readonly string[]): Promise<readonly NetResult[]> {
  const results = await each(names, checkNet, zooRow);
  for (const line of zooSummary(results)) console.log(line);
  if (results.some(({ steps }) => steps.some(({ kind }) => kind === 'wrong'))) process.exitCode = 1;
  return results;
}

async function compareAll(names: readonly string[]): Promise<readonly Checked[]> {
  const checked = await each(names, checkTorch, torchRow);
  for (const line of torchSummary(checked)) console.log(line);
  if (checked.length === 0)
    console.log('torch-pruning pruned none of these nets: scripts/zoo/prune.py makes that reference');
  if (!checked.every(agrees)) process.exitCode = 1;
  return checked;
}

async function diffAll(names: readonly string[]): Promise<void> {
  for (const line of diffSummary(await each(names, checkDiff, diffRow))) console.log(line);
}

const names = existsSync(models)
  ? readdirSync(models)
      .filter((name) => positionals.length === 0 || positionals.includes(name))
      .sort()
  : [];
if (names.length === 0) {
  console.error(`no nets in ${models}: make them with \`python scripts/zoo/make.py\` (its head says what it needs)`);
  process.exitCode = 1;
} else if (values.write) {
  writeFileSync(PAGE, zooPage(await checkAll(names), await compareAll(names), models));
} else if (values['torch-pruning']) await compareAll(names);
else if (values.diff) await diffAll(names);
else await checkAll(names);
