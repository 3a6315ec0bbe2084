/**
 * `npm run zoo -- [NAME ..] [--models DIR] [--write]`: every net of the zoo (scripts/zoo/make.py) pruned, fused and concatenated, each
 * result run in ONNX Runtime and held against what it must compute. Prints the table; `--write` puts it into docs/zoo.md. Exits 1
 * where something is wrong; a refusal is not.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkNet, type NetResult } from './zoo/check.js';
import { zooPage, zooRow, zooSummary } from './zoo/table.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = join(ROOT, 'docs', 'zoo.md');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', default: join(ROOT, '.cache', 'zoo') },
    write: { type: 'boolean', default: false },
  },
});

const names = existsSync(values.models)
  ? readdirSync(values.models)
      .filter((name) => positionals.length === 0 || positionals.includes(name))
      .sort()
  : [];
if (names.length === 0) {
  console.error(
    `no nets in ${values.models}: make them with \`python scripts/zoo/make.py\` (its head says what it needs)`,
  );
  process.exitCode = 1;
}

const results: NetResult[] = [];
for (const name of names) {
  for (const result of await checkNet(join(values.models, name), name)) {
    results.push(result);
    console.log(zooRow(result));
  }
}
for (const line of zooSummary(results)) console.log(line);
if (values.write) writeFileSync(PAGE, zooPage(results));
if (results.some((result) => result.steps.some((step) => step.kind === 'wrong'))) process.exitCode = 1;
