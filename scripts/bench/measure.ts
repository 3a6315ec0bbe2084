/** Measurements in processes of their own, so that nothing is warm and a peak of memory is its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Measured {
  readonly seconds: number;
  readonly peakBytes: number;
}

/** Runs `npm run bench -- ARGS` in a child process, which must call `printMeasured`. Throws RangeError where it fails. */
export function measure(args: readonly string[]): Measured {
  const script = fileURLToPath(new URL('../bench.js', import.meta.url));
  const run = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new RangeError(`${args.join(' ')} failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as Measured;
}

/** In the child process: does one job and prints what it took. */
export async function printMeasured(job: () => unknown): Promise<void> {
  const started = performance.now();
  await job();
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }));
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
