/** What a command is: its words and options as data, and one function from the parsed options to the outcome. */
import type { InferredOptionTypes, Options } from 'yargs';
import type { RunOptions } from '../lib/commands/options.js';
import type { Style } from './style.js';

/** Options by their long names, as yargs takes them. */
export type OptionTable = Readonly<Record<string, Readonly<Options>>>;

/** An example: what it does, and what follows the command's name. */
export type Example = readonly [what: string, args: string];

/** How wide and how colourful the result may be. */
export interface Page {
  /** Columns of the terminal; infinite where stdout is none. */
  readonly width: number;
  readonly style: Style;
}

/** What a command answers. */
export interface Outcome {
  /** The document that `--json` prints. */
  readonly report: { readonly schema: string; readonly notes: readonly string[] };
  /** The same for people. */
  text(page: Page): string;
  /** 1 where the answer is no. */
  readonly code: 0 | 1;
}

export interface Command<Table extends OptionTable = OptionTable> {
  readonly name: string;
  /** Its models, as the help names them; '' where it takes none. */
  readonly takes: 'MODEL' | 'MODEL..' | 'A B' | '';
  readonly summary: string;
  readonly examples: readonly Example[];
  /** Titles of the help's sections, with the options that stand under each. */
  readonly options: Table;
  run(models: readonly string[], given: InferredOptionTypes<Table>, context: RunOptions): Promise<Outcome>;
}

/** A command whose `run` knows the types of its options. */
export const command = <const Table extends OptionTable>(made: Command<Table>): Command<Table> => made;
