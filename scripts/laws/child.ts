/**
 * A child of the runner: checks a range of graphs one after the other, and tells the parent through a pipe (file 3), written at
 * once, so that the parent knows which graph a child was at that died.
 */
import { writeSync } from 'node:fs';
import { buildMembers } from './build.js';
import { checkMembers, GENERATED, type Outcome } from './check.js';
import { drawRecipe } from './draw.js';

/** What a child is told on its command line, as JSON. */
export interface Task {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** What a child says, one line of JSON each: a graph begins, or it is done. */
export type Said = { readonly begins: number } | { readonly done: number; readonly outcomes: readonly Outcome[] };

const say = (said: Said): void => void writeSync(3, `${JSON.stringify(said)}\n`);

/** All laws on graph number `index` of a seed; a recipe that cannot even be built breaks the generator's own. */
export async function checkGraph(seed: number, index: number): Promise<readonly Outcome[]> {
  try {
    return await checkMembers(buildMembers(drawRecipe(seed, index)));
  } catch (error) {
    return [{ law: GENERATED, verdict: 'violated', why: error instanceof Error ? (error.stack ?? '') : String(error) }];
  }
}

/** Of what is in order the parent needs no words. */
const brief = ({ why, ...rest }: Outcome): Outcome => (rest.verdict === 'violated' && why ? { ...rest, why } : rest);

async function run({ seed, from, to }: Task): Promise<void> {
  for (let index = from; index < to; index++) {
    say({ begins: index });
    say({ done: index, outcomes: (await checkGraph(seed, index)).map(brief) });
  }
}

const [, , task] = process.argv;
if (task?.startsWith('{')) await run(JSON.parse(task) as Task);
