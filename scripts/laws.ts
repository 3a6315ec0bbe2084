/**
 * `npm run laws -- --graphs N --seed S [--from I] [--minutes M]`: random valid graphs, three members each, put to every law that
 * holds for all networks (scripts/laws/laws.ts). Two child processes at once, some thousand graphs each. Legitimate refusals are
 * counted; a violation is shrunk and kept under .cache/laws, and the exit code is 1. docs/laws.md tells more.
 * `--only I` checks one graph of the seed, keeps its members there too and prints every outcome. `--repeat FOLDER` does that for
 * a kept family, and `--promote FOLDER` makes it a fixture, which the tests check from then on.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Graded } from './laws/batch.js';
import { checkMembers, type Outcome } from './laws/check.js';
import { checkGraph } from './laws/child.js';
import { drawRecipe } from './laws/draw.js';
import { keepFamily, promote, readFamily } from './laws/keep.js';
import { checkRange } from './laws/range.js';
import { recipeText } from './laws/recipe.js';
import { shrink } from './laws/shrink.js';
import { Tally } from './laws/tally.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CACHE = join(ROOT, '.cache', 'laws');
const FOUND = join(ROOT, 'fixtures', 'found-laws');

/** Graphs that one child checks. */
const BATCH = 5000;

/** Children at once. */
const CHILDREN = 2;

interface Run {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

/** Shrinks the graph that broke a law and keeps it. */
async function keep(seed: number, index: number, outcome: Outcome): Promise<void> {
  const { recipe, outcome: smallest } = await shrink(drawRecipe(seed, index), outcome);
  const folder = join(CACHE, `${seed}-${index}-${outcome.law.replace(/\W+/g, '-').slice(0, 40)}`);
  keepFamily(folder, recipe, { law: outcome.law, seed, index });
  console.log(`\n${outcome.law}, graph ${index} of seed ${seed}: ${recipeText(recipe)}\n${smallest.why}`);
  console.log(`repeat: npm run laws -- --repeat ${folder}`);
}

async function runAll({ seed, from, to, seconds }: Run): Promise<void> {
  const tally = new Tally();
  const started = performance.now();
  const passed = () => (performance.now() - started) / 1000;
  const note = async ({ index, outcomes }: Graded) => {
    for (const outcome of tally.add(index, outcomes)) await keep(seed, index, outcome);
    if (tally.graphs % 1000 === 0)
      console.log(`${tally.graphs} graphs, ${passed().toFixed(0)} s, ${tally.violations.size} kinds of violations`);
  };
  await checkRange({ seed, from, to, children: CHILDREN, batch: BATCH, milliseconds: seconds * 1000 }, note);
  for (const line of [`seed ${seed}`, ...tally.lines(passed())]) console.log(line);
  if (tally.violations.size > 0) process.exitCode = 1;
}

function print(outcomes: readonly Outcome[]): void {
  for (const { law, verdict, code, why } of outcomes) {
    console.log(`${law}: ${code ?? verdict}${why ? `\n    ${why.split('\n').join('\n    ')}` : ''}`);
  }
  if (outcomes.some(({ verdict }) => verdict === 'violated')) process.exitCode = 1;
}

const { values } = parseArgs({
  options: {
    graphs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    minutes: { type: 'string', default: 'Infinity' },
    only: { type: 'string' },
    repeat: { type: 'string' },
    promote: { type: 'string' },
  },
});
const [seed, from] = [Number(values.seed), Number(values.from)];
if (values.promote !== undefined) console.log(promote(values.promote, FOUND));
else if (values.repeat !== undefined) print(await checkMembers(readFamily(values.repeat)));
else if (values.only !== undefined) {
  const recipe = drawRecipe(seed, Number(values.only));
  console.log(recipeText(recipe));
  keepFamily(join(CACHE, `${seed}-${values.only}`), recipe, { law: 'any', seed, index: Number(values.only) });
  print(await checkGraph(seed, Number(values.only)));
} else await runAll({ seed, from, to: from + Number(values.graphs), seconds: 60 * Number(values.minutes) });
