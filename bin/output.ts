/** The two streams: stdout for the one result, stderr for everything else. */
import { writeSync } from 'node:fs';
import { fileSystem } from '../lib/errors.js';
import type { Outcome } from './command.js';
import { isTerminal, styleFor } from './style.js';

/** Writes all of a text to a stream. Throws FILE_SYSTEM; a reader that went away (EPIPE) wanted no more, so that is fine. */
function send(stream: NodeJS.WriteStream, name: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null) => {
      const gone = error && 'code' in error && error.code === 'EPIPE';
      if (!error || gone) resolve();
      else reject(fileSystem('cannot write to', name, error));
    };
    stream.once('error', settle);
    stream.write(text, settle);
  });
}

/** Prints a text on stdout; an empty one is no line. */
export const printText = async (text: string): Promise<void> => {
  if (text !== '') await send(process.stdout, 'stdout', `${text}\n`);
};

/** Prints a JSON document on stdout. Infinite numbers and NaN become null, as JSON has neither. */
export const printJson = (document: object): Promise<void> => printText(JSON.stringify(document, undefined, 2));

/** Prints lines on stderr. Whoever closed that wants none. */
export function printAside(lines: readonly string[]): void {
  try {
    if (lines.length > 0) writeSync(process.stderr.fd, `${lines.join('\n')}\n`);
  } catch {}
}

/** Prints an outcome: its report as JSON, or its text and, unless `quiet`, its notes. */
export async function printOutcome(outcome: Outcome, options: { readonly json: boolean; readonly quiet: boolean }) {
  const { stdout, stderr, env } = process;
  if (options.json) {
    await printJson(outcome.report);
  } else {
    const width = isTerminal(stdout, env) ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
    await printText(outcome.text({ width, style: styleFor(stdout, env) }));
  }
  if (options.quiet) return;
  const { bold } = styleFor(stderr, env);
  printAside(outcome.report.notes.map((note) => `${bold('note:')} ${note}`));
}
