/** Errors as the user sees them, and their exit codes. */
import { defect, type ErrorCode, type ErrorKind, TransplantError } from '../lib/errors.js';
import { printAside, printJson } from './output.js';
import { styleFor } from './style.js';

/** 2: refused, 3: our defect, 130: stopped, as shells count SIGINT. */
const EXIT_CODES: Readonly<Record<ErrorKind, number>> = { refused: 2, defect: 3, cancelled: 130 };

/** What `--json` prints of an error. */
export interface ErrorReport {
  readonly schema: 'onnx-transplant/error@1';
  readonly code: ErrorCode;
  /** What is wrong and where, one line. */
  readonly message: string;
  /** The next step, one line. */
  readonly advice: string;
}

/** What is no error of ours should not have happened. */
function known(error: unknown): TransplantError {
  if (error instanceof TransplantError) return error;
  const what = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
  return defect(what, error);
}

/** The stack of an error and of those behind it. */
function stackLines(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const behind = stackLines(error.cause);
  return [
    ...(error.stack ?? '').split('\n').map((line) => `  ${line}`),
    ...(behind.length > 0 ? ['  caused by', ...behind] : []),
  ];
}

/** Prints an error on stderr, and as JSON on stdout where that was asked for. Answers the exit code. */
export async function printError(error: unknown, options: { readonly json: boolean; readonly verbose: boolean }) {
  const shown = known(error);
  const { code, message, advice, kind } = shown;
  const { red, bold } = styleFor(process.stderr, process.env);
  const hint = kind === 'defect' && !options.verbose ? ' --verbose shows where it happened.' : '';
  printAside([
    `${red(bold(`error[${code}]:`))} ${message}`,
    `  ${advice}${hint}`,
    ...(options.verbose ? stackLines(shown) : []),
  ]);
  // Where stdout itself is what failed, stderr has said so.
  const report: ErrorReport = { schema: 'onnx-transplant/error@1', code, message, advice };
  if (options.json) await printJson(report).catch(() => undefined);
  return EXIT_CODES[kind];
}
