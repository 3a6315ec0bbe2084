/** Colours, where they are welcome. */

/** Each paints a text, or leaves it as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
}

const paint = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;

const COLOURS: Style = { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39) };

const same = (text: string): string => text;

/** No colours. */
export const PLAIN: Style = { bold: same, dim: same, red: same, green: same };

/** A stream that may be a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether escape sequences work there. */
export const isTerminal = (stream: Terminal, env: Environment): boolean => stream.isTTY === true && env.TERM !== 'dumb';

/** Colours on a terminal, unless NO_COLOR (no-color.org) is set. */
export const styleFor = (stream: Terminal, env: Environment): Style =>
  isTerminal(stream, env) && !env.NO_COLOR ? COLOURS : PLAIN;
