/** What the shell completes beyond commands and options: names of neurons and parameters where an option takes some. */
import { neuronNames } from '../lib/commands/neuron-names.js';
import { parameterNames } from '../lib/commands/parameter-names.js';
import { PROVIDERS } from '../lib/runtime/providers.js';
import { LOSSES } from '../lib/training/losses.js';
import { COMMANDS } from './commands/index.js';

/** Names that need no quotes in any shell. */
const PLAIN_NAME = /^[\w./:-]+$/;

/** An option that takes names. */
interface Naming {
  /** The names in a model file. */
  readonly names: (path: string) => readonly string[];
  /** What stands behind a name. */
  readonly end: string;
}

const PARAMETERS: ReadonlyMap<string, Naming> = new Map([
  ['--train', { names: parameterNames, end: '' }],
  ['--freeze', { names: parameterNames, end: '' }],
]);

/** Names where a file may stand too: the shell completes files where none of them fits. */
const LOSS_NAMES: Naming = { names: () => LOSSES, end: '' };

/** Options that take names, by command. */
const NAMING: ReadonlyMap<string, ReadonlyMap<string, Naming>> = new Map([
  [
    'prune',
    new Map([
      ['--ignore', { names: neuronNames, end: '' }],
      ['--ratio-for', { names: neuronNames, end: '=' }],
    ]),
  ],
  ['fuse', new Map([...PARAMETERS, ['--loss', LOSS_NAMES]])],
  ['train', new Map([...PARAMETERS, ['--loss', LOSS_NAMES]])],
  ['distill', PARAMETERS],
  ['doctor', new Map([['--ep', { names: () => [...PROVIDERS.keys()], end: '' }]])],
  ['artifacts', new Map([...PARAMETERS, ['--loss', LOSS_NAMES]])],
]);

/** The names for the option behind which the cursor stands, with what follows them. `words` begins with the program's name. */
function named(words: readonly string[]): readonly string[] | undefined {
  const [, command = '', ...rest] = words;
  const lastOption = rest
    .slice(0, -1)
    .filter((word) => word.startsWith('-'))
    .at(-1);
  const naming = NAMING.get(command)?.get(lastOption ?? '');
  const model = rest.find((word) => !word.startsWith('-'));
  return naming && model !== undefined ? namesIn(model, naming) : undefined;
}

function namesIn(path: string, { names, end }: Naming): readonly string[] {
  try {
    return names(path)
      .filter((name) => PLAIN_NAME.test(name))
      .map((name) => `${name}${end}`);
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
    const names = named(words);
    if (names) {
      done(names.filter((name) => name.startsWith(current)));
      return;
    }
    // Behind a command a word without a dash is a choice or a file; files are what the shell completes by itself.
    const wordsOnly = COMMANDS.some(({ name }) => name === words[1]) && words.length > 2 && !current.startsWith('-');
    defaults((_error, found = []) => done(wordsOnly ? found.filter((each) => !each.startsWith('-')) : found));
  };
}
