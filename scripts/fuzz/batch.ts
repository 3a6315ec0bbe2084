/** Runs a range of mutants in a child process with a ceiling on its heap, its memory, and the time of each mutant. */
import { fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './attempt.js';
import type { Said, Task } from './child.js';

/** Heap of a child: a model of 20 KB must not need more, whatever it says. */
const HEAP_MEGABYTES = 256;

/** Most memory of a child, heap and buffers and Node itself. */
const MEMORY_BYTES = 768 * 2 ** 20;

/** Longest time for one mutant, on a machine that has other things to do. */
const CASE_MILLISECONDS = 20_000;

/** How one mutant fared. */
export interface Case {
  readonly index: number;
  readonly outcomes: readonly Outcome[];
  readonly seconds: number;
}

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));

const failure = (stage: string, code: string, finding: string): readonly Outcome[] => [{ stage, code, finding }];

/** Tells how each mutant from `task.from` on fared; stops early when a child dies, after the mutant that it died of. */
export async function* runBatch(task: Task): AsyncGenerator<Case> {
  mkdirSync(task.folder, { recursive: true });
  const child = fork(CHILD, [JSON.stringify(task)], {
    execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`],
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'ipc'],
  });
  const closed = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => {
    stderr = (stderr + data.toString()).slice(-4000);
  });
  let late = false;
  const watch = () =>
    setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, CASE_MILLISECONDS);
  let timer = watch();
  let current: number | undefined;
  try {
    for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
      clearTimeout(timer);
      const said = JSON.parse(line) as Said;
      if ('begins' in said) current = said.begins;
      else {
        current = undefined;
        const { done, outcomes, seconds, peak } = said;
        const large = peak > MEMORY_BYTES;
        const memory = large ? failure('memory', 'MEMORY', `${Math.round(peak / 2 ** 20)} MiB at its peak`) : [];
        yield { index: done, outcomes: [...outcomes, ...memory], seconds };
        if (large) return;
      }
      timer = watch();
    }
    const end = await closed;
    if (current === undefined && end === 'exit code 0') return;
    const [stage, code] = late ? ['time', 'HANG'] : ['process', 'CRASH'];
    yield {
      index: current ?? task.from,
      outcomes: failure(stage, code, late ? `more than ${CASE_MILLISECONDS / 1000} s` : `${end}\n${stderr}`),
      seconds: CASE_MILLISECONDS / 1000,
    };
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    await closed;
    rmSync(task.folder, { recursive: true, force: true });
  }
}
