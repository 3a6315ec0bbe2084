/** The program: words in, exit code out. */
import type { Command, Outcome } from './command.js';
import { printError } from './errors.js';
import { interruptible } from './interrupt.js';
import { printOutcome, printText } from './output.js';
import { parse, type Request } from './parse.js';
import { progressLine } from './progress.js';

/** Whether a flag stands among the words, also where they cannot be parsed. */
function flag(args: readonly string[], name: string): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes(name);
}

async function run({ command, models, given }: Request, quiet: boolean): Promise<Outcome> {
  const progress = progressLine(quiet);
  try {
    return await interruptible((signal) =>
      command.run(models, given as Parameters<Command['run']>[1], { signal, onProgress: progress.update }),
    );
  } finally {
    progress.clear();
  }
}

/** Does what the words after the program's name say. Never throws; answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const [json, quiet, verbose] = [flag(args, '--json'), flag(args, '--quiet'), flag(args, '--verbose')];
  try {
    const request = await parse(args);
    if (typeof request === 'string') {
      await printText(request);
      return 0;
    }
    const outcome = await run(request, quiet);
    await printOutcome(outcome, { json, quiet });
    return outcome.code;
  } catch (error) {
    return printError(error, { json, verbose });
  }
}
