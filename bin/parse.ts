/** From the words of the command line to a command and its options, with the help and the completion on the way. */
import yargs, { type Argv } from 'yargs';
import { VERSION } from '../lib/commands/version.js';
import { type TransplantError, usage } from '../lib/errors.js';
import { checkGiven, type Given, modelsOf, refuseInherited } from './check.js';
import type { Command, Example, OptionTable } from './command.js';
import { COMMANDS } from './commands/index.js';
import { complete } from './completion.js';
import { COMMON } from './options.js';
import { closest } from './suggest.js';

const NAME = 'onnx-transplant';

/** What the user asked for. */
export interface Request {
  readonly command: Command;
  readonly models: readonly string[];
  readonly given: Given;
}

/** No dots in names, no guessing: `--a.b 1` is the option `a.b`, and a second `--ratio` makes a list. */
const PARSER = {
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': true,
  'flatten-duplicate-arrays': true,
  'parse-numbers': true,
  'parse-positional-numbers': false,
  'populate--': true,
  'strip-aliased': true,
};

/** Stands for a space at the start of a line, which yargs would drop. A character that no text has. */
const INDENT = '\ue000';

const exampleLines = (examples: readonly Example[], name: string): readonly string[] =>
  examples.flatMap(([what, args]) => [
    `${INDENT}${INDENT}# ${what}`,
    `${INDENT}${INDENT}${NAME} ${name} ${args}`.trimEnd(),
  ]);

function helpOf({ name, takes, summary, examples, options }: Command): string {
  const output = options.output?.alias === 'o' ? ' -o OUT' : '';
  return [
    'Examples:',
    ...exampleLines(examples, name),
    '',
    `Usage: ${[NAME, name, takes].filter((word) => word !== '').join(' ')}${output} [options]`,
    '',
    `${summary}.`,
  ].join('\n');
}

const HELP = [
  'Examples:',
  ...COMMANDS.flatMap(({ name, examples }) => exampleLines(examples.slice(0, 1), name)),
  '',
  `Usage: ${NAME} COMMAND [MODEL..] [options]`,
  `${NAME} COMMAND --help shows all options of a command.`,
].join('\n');

const tableOf = ({ options }: Command): OptionTable => ({ ...options, ...COMMON });

/** yargs' own complaints, in our words where they are known. */
function complaint(message: string): TransplantError {
  const [, missing] = /^Not enough arguments following: (.+)$/.exec(message) ?? [];
  if (missing !== undefined) return usage(`${missing.length === 1 ? '-' : '--'}${missing} needs a value`);
  const [, option, word = '', choices = ''] =
    /^Invalid values:\s+Argument: (.+?), Given: (.+?), Choices: (.+)$/.exec(message.replace(/\s+/g, ' ')) ?? [];
  if (option === undefined) return usage(message.replace(/\s+/g, ' ').trim());
  const words = choices.split(', ').map((choice) => choice.replaceAll('"', ''));
  const near = closest(word.replaceAll('"', ''), words);
  return usage(`--${option} cannot be ${word}`, near ? `Did you mean ${near}?` : `Choose one of ${words.join(', ')}.`);
}

function addCommand(parser: Argv, command: Command, found: (given: Given) => void): void {
  const [words, describe] = command.takes === 'MODEL' ? ['MODEL', 'A model file'] : ['MODEL..', 'Model files'];
  // Optional for yargs, which does not see what stands behind `--`; checkGiven wants one.
  const { name, takes, summary } = command;
  parser.command(
    takes === '' ? name : `${name} [${words}]`,
    summary,
    (own) => {
      const used = own.usage(helpOf(command)).options(tableOf(command));
      return takes === '' ? used : used.positional('MODEL', { type: 'string', describe });
    },
    (given) => found(given),
  );
}

/** The command that the words name. Throws USAGE where they name none. */
function notFound(words: readonly (string | number)[]): TransplantError {
  const [word] = words;
  if (word === undefined) return usage('there is no command', `${NAME} --help shows what there is.`);
  const near = closest(String(word), [...COMMANDS.map(({ name }) => name), 'completion']);
  return usage(
    `there is no command ${JSON.stringify(word)}`,
    near ? `Did you mean ${NAME} ${near}?` : `${NAME} --help shows what there is.`,
  );
}

/**
 * Parses the words after the program's name to what they ask for: a command, or a text to print (help, version,
 * completions). Throws USAGE.
 */
export async function parse(args: readonly string[]): Promise<Request | string> {
  refuseInherited(args);
  let [request, text]: [Request | undefined, string] = [undefined, ''];
  const parser: Argv = yargs()
    .scriptName(NAME)
    .usage(HELP)
    .locale('en')
    .wrap(Math.min(80, process.stdout.columns ?? 80))
    .parserConfiguration(PARSER)
    .help('help', 'Show this help')
    .alias('help', 'h')
    .version('version', 'Show the version', VERSION)
    .exitProcess(false)
    .fail((message: string | null, error?: Error) => {
      throw error && error.name !== 'YError' ? error : complaint(message ?? error?.message ?? '');
    });
  for (const command of COMMANDS) {
    addCommand(parser, command, (given) => {
      checkGiven(command, tableOf(command), given, args);
      request = { command, models: modelsOf(given), given };
    });
  }
  parser.completion('completion', 'Print a script that completes words in bash, zsh or fish', complete(args));
  const { _: words } = await parser.parseAsync([...args], {}, (_error, _argv, output) => {
    text = output.replaceAll(INDENT, ' ').replace(/\[(MODEL(?:\.\.)?)\]/g, '$1  ');
  });
  if (request) return request;
  if (text !== '' || args.includes('--get-yargs-completions')) return text;
  throw notFound(words);
}
