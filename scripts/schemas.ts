/**
 * `npm run schemas`: writes docs/schemas/*.schema.json, the JSON schemas of what `--json` prints, from the types of the reports and
 * their docstrings; `-- --check` only compares (CI). docs/json.md tells how to use them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGenerator, type Schema } from 'ts-json-schema-generator';
import { published } from './schemas/published.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'docs', 'schemas');

/** Each document: its name and version as its `schema` field has them, the type, and the file that declares it. */
const DOCUMENTS = [
  ['artifacts@1', 'ArtifactReport', 'lib/commands/artifacts.ts'],
  ['concat@1', 'ConcatReport', 'lib/commands/concat.ts'],
  ['diff@1', 'DiffReport', 'lib/commands/diff.ts'],
  ['doctor@1', 'DoctorReport', 'lib/commands/doctor.ts'],
  ['error@1', 'ErrorReport', 'bin/errors.ts'],
  ['evaluate@1', 'EvaluateReport', 'lib/commands/evaluate.ts'],
  ['fuse@1', 'FuseReport', 'lib/commands/fuse.ts'],
  ['inspect@1', 'InspectReport', 'lib/commands/inspect.ts'],
  ['neurons@1', 'NeuronOrigins', 'lib/commands/origins.ts'],
  ['prune@1', 'PruneReport', 'lib/commands/prune.ts'],
  ['train@1', 'TrainReport', 'lib/commands/train.ts'],
  ['train-check@1', 'CheckReport', 'lib/commands/check-report.ts'],
  ['validate@1', 'ValidateReport', 'lib/commands/validate.ts'],
] as const;

const fileOf = (name: string): string => `${name}.schema.json`;

/** The schema of one type, as the generator has it. */
function schemaOf(type: string, path: string): Schema {
  const generator = createGenerator({
    path: join(ROOT, path),
    tsconfig: join(ROOT, 'tsconfig.json'),
    type,
    topRef: false,
    expose: 'export',
    jsDoc: 'extended',
    additionalProperties: false,
    skipTypeCheck: true,
  });
  return generator.createSchema(type);
}

const all = (): ReadonlyMap<string, string> =>
  new Map(DOCUMENTS.map(([name, type, path]) => [fileOf(name), published(name, schemaOf(type, path))]));

/** What is wrong with the folder, one line each. */
function differences(wanted: ReadonlyMap<string, string>): readonly string[] {
  const there = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const stale = there.filter((file) => !wanted.has(file)).map((file) => `docs/schemas/${file} is of no report`);
  const wrong = [...wanted].filter(
    ([file, text]) => !there.includes(file) || readFileSync(join(FOLDER, file), 'utf8') !== text,
  );
  return [...stale, ...wrong.map(([file]) => `docs/schemas/${file} is not what the types say`)];
}

const wanted = all();
if (process.argv.includes('--check')) {
  const found = differences(wanted);
  for (const line of found) console.error(`${line}: run \`npm run schemas\` and commit it.`);
  if (found.length > 0) process.exitCode = 1;
} else {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const [file, text] of wanted) writeFileSync(join(FOLDER, file), text);
}
