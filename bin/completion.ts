/** What the shell completes beyond commands and options: the names that `prune` takes. */
import { neuronNames } from '../lib/commands/neuron-names.js';
import { COMMANDS } from './commands/index.js';

/** Names that need no quotes in any shell. */
const PLAIN_NAME = /^[\w./:-]+$/;

/** Options of prune that take names, with what stands behind a name. */
const NAMING: ReadonlyMap<string, string> = new Map([
  ['--ignore', ''],
  ['--ratio-for', '='],
]);

/** The model on the line and what follows a name, if the cursor stands behind such an option. `words` begins with the program's name. */
function naming(words: readonly string[]): { readonly model: string; readonly end: string } | undefined {
  const [, name, ...rest] = words;
  const lastOption = rest
    .slice(0, -1)
    .filter((word) => word.startsWith('-'))
    .at(-1);
  const end = name === 'prune' ? NAMING.get(lastOption ?? '') : undefined;
  const model = rest.find((word) => !word.startsWith('-'));
  return end === undefined || model === undefined ? undefined : { model, end };
}

function namesIn(path: string): readonly string[] {
  try {
    return neuronNames(path).filter((name) => PLAIN_NAME.test(name));
  } catch {
    // The shell shows completions only: a model that cannot be read has none.
    return [];
  }
}

type Defaults = (done?: (error: Error | null, defaults: string[] | undefined) => void) => void;

/** yargs' hook: our names where they are asked for, its own completions everywhere else. */
export function complete(args: readonly string[]) {
  const words = args.slice(args.indexOf('--get-yargs-completions') + 1);
  return (current: string, _: unknown, defaults: Defaults, done: (completions: string[]) => void): void => {
    const asked = naming(words);
    if (asked) {
      const names = namesIn(asked.model).map((name) => `${name}${asked.end}`);
      done(names.filter((name) => name.startsWith(current)));
      return;
    }
    // Behind a command a word without a dash is a choice or a file; files are what the shell completes by itself.
    const wordsOnly = COMMANDS.some(({ name }) => name === words[1]) && words.length > 2 && !current.startsWith('-');
    defaults((_error, found = []) => done(wordsOnly ? found.filter((each) => !each.startsWith('-')) : found));
  };
}
