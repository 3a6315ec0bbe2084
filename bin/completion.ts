/** What the shell completes beyond commands and options: the names that `prune --ignore` takes. */
import { neuronNames } from '../lib/commands/neuron-names.js';
import { COMMANDS } from './commands/index.js';

/** Names that need no quotes in any shell. */
const PLAIN_NAME = /^[\w./:-]+$/;

/** The model on the line, if the cursor stands behind --ignore. `words` begins with the program's name. */
function ignoredModel(words: readonly string[]): string | undefined {
  const [, name, ...rest] = words;
  if (name !== 'prune') return undefined;
  const lastOption = rest
    .slice(0, -1)
    .filter((word) => word.startsWith('-'))
    .at(-1);
  return lastOption === '--ignore' ? rest.find((word) => !word.startsWith('-')) : undefined;
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
    const model = ignoredModel(words);
    if (model !== undefined) {
      done(namesIn(model).filter((name) => name.startsWith(current)));
      return;
    }
    // Behind a command a word without a dash is a choice or a file; files are what the shell completes by itself.
    const wordsOnly = COMMANDS.some(({ name }) => name === words[1]) && words.length > 2 && !current.startsWith('-');
    defaults((_error, found = []) => done(wordsOnly ? found.filter((each) => !each.startsWith('-')) : found));
  };
}
