/** A program in a process of its own, so that its crash, hang or noise is only a report here. */
import { spawn } from 'node:child_process';
import { cancelled } from '../errors.js';

/** How a process ended. */
export interface ChildEnd {
  /** Null where a signal ended it, or where it never started. */
  readonly code: number | null;
  readonly signal: string | null;
  /** True where it was ended because it took too long. */
  readonly timedOut: boolean;
  /** The system's word for why it did not start (`ENOENT`: there is no such program); '' where it did. */
  readonly failure: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface ChildOptions {
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** Characters of each stream that are kept: a driver that prints without end must not fill the memory. */
const KEPT = 2 ** 16;

/** Milliseconds that a process has to close its streams when it has ended; processes that it left behind may hold them open. */
const GRACE = 500;

const failureOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.message;

/** Runs a program to its end, without a shell. Throws CANCELLED once `signal` is aborted; then the process is ended too. */
export function runChild(
  program: string,
  words: readonly string[],
  { timeoutSeconds, signal }: ChildOptions,
): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, [...words], { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let [stdout, stderr, timedOut, failure] = ['', '', false, ''];
    const kill = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutSeconds * 1000);
    const settle = (code: number | null, ending: string | null) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      // A process that it left behind would keep ours alive through them.
      child.stdout.destroy();
      child.stderr.destroy();
      const seconds = (performance.now() - started) / 1000;
      if (signal?.aborted) reject(cancelled());
      else resolve({ code, signal: ending, timedOut, failure, stdout, stderr, seconds });
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-KEPT);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-KEPT);
    });
    child.on('error', (error) => {
      failure = failureOf(error);
      settle(null, null);
    });
    child.on('exit', (code, ending) => setTimeout(() => settle(code, ending), GRACE).unref());
    child.on('close', settle);
    signal?.addEventListener('abort', kill);
    if (signal?.aborted) kill();
  });
}
