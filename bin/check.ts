/** What yargs lets pass and we do not: unknown options with a suggestion, options given twice, numbers that are none. */
import { type TransplantError, usage } from '../lib/errors.js';
import type { Command, OptionTable } from './command.js';
import { closest } from './suggest.js';

/** What yargs made of the words of one command. */
export type Given = Readonly<Record<string, unknown>>;

/** Keys that yargs makes itself, or that every parser of ours has. */
const ALWAYS = ['_', '$0', '--', 'MODEL', 'help', 'h', 'version'];

/** Most models that a command takes; left out where there is no end. */
const MOST: Readonly<Partial<Record<Command['takes'], number>>> = { MODEL: 1, 'A B': 2 };

/** The models that a command was given, also behind `--`. */
export const modelsOf = (given: Given): readonly string[] =>
  [given.MODEL, given['--']].flat().flatMap((each) => (each === undefined ? [] : [String(each)]));

/** `--ratio`, or `-o`. */
const dashed = (name: string): string => `${name.length === 1 ? '-' : '--'}${name}`;

const aliasesOf = (table: OptionTable): readonly string[] =>
  Object.values(table).flatMap(({ alias }) => (typeof alias === 'string' ? [alias] : [...(alias ?? [])]));

function noOption(name: string, table: OptionTable): TransplantError {
  const visible = Object.keys(table).filter((each) => !table[each]?.hidden);
  const near = closest(name, [...visible, 'help']);
  return usage(
    `there is no option ${JSON.stringify(dashed(name))}`,
    near ? `Did you mean ${dashed(near)}?` : 'See --help for all options.',
  );
}

/** Refuses options that are named as something that every object has: yargs stumbles over `--constructor`. */
export function refuseInherited(words: readonly string[]): void {
  for (const word of words) {
    if (word === '--') return;
    const [, name] = /^--(?:no-)?([^=]+)/.exec(word) ?? [];
    if (name !== undefined && name in Object.prototype) throw noOption(name, {});
  }
}

function checkKnown(given: Given, table: OptionTable): void {
  const known = new Set([...ALWAYS, ...Object.keys(table), ...aliasesOf(table)]);
  const unknown = Object.keys(given).find((key) => !known.has(key));
  if (unknown !== undefined) throw noOption(unknown, table);
}

function checkValue(name: string, value: unknown, { type, array }: OptionTable[string]): void {
  if (Array.isArray(value)) {
    if (!array) throw usage(`${dashed(name)} is given twice`, 'Give it once.');
    for (const each of value) checkValue(name, each, {});
    return;
  }
  if (type === 'number' && Number.isNaN(value)) throw usage(`${dashed(name)} takes a number`);
  if (value === '') throw usage(`${dashed(name)} needs a value`);
}

/** What only the words show: yargs reads `--ratio=` as 0 and `--json=maybe` as false. */
function checkWords(words: readonly string[], table: OptionTable): void {
  for (const word of words) {
    if (word === '--') return;
    const [, dashes = '', name = '', value] = /^(--?)([^=]+)=(.*)$/s.exec(word) ?? [];
    if (value === '') throw usage(`${dashes}${name} needs a value`);
    if (value !== undefined && table[name.replace(/^no-/, '')]?.type === 'boolean') {
      throw usage(`${dashes}${name} takes no value`, `Write ${dashes}${name} alone, or leave it out.`);
    }
  }
}

/** Throws USAGE for the first thing that is wrong with what was given to a command. */
export function checkGiven(
  { name, takes, options }: Command,
  table: OptionTable,
  given: Given,
  words: readonly string[],
): void {
  checkKnown(given, table);
  checkWords(words, table);
  for (const [option, spec] of Object.entries(table)) checkValue(option, given[option], spec);
  const models = modelsOf(given);
  const example = `Write ${['onnx-transplant', name, takes].filter((word) => word !== '').join(' ')}${options.output?.alias ? ' -o OUT' : ''}.`;
  if (takes === '') {
    const [word] = [...(given._ as readonly unknown[]).slice(1), ...models];
    if (word !== undefined) throw usage(`${name} takes no model; ${JSON.stringify(word)} is one too many`, example);
    return;
  }
  if (models.length === 0) throw usage(`${name} needs a model`, example);
  if (words.includes('')) throw usage('one of the words is empty', example);
  // Words that yargs leaves over; it keeps the command itself in front.
  const [, left] = given._ as readonly unknown[];
  const most = MOST[takes];
  if (takes === 'A B' && models.length === 1) throw usage(`${name} takes two models`, example);
  const extra = most === undefined ? undefined : (left ?? models[most]);
  if (extra === undefined) return;
  const wanted = most === 1 ? 'one model' : 'two models';
  throw usage(`${name} takes ${wanted}; ${JSON.stringify(extra)} is one too many`, example);
}
