/** Checks a range of graphs in a child process: ONNX Runtime does not give back all that many sessions took. */
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './check.js';
import type { Said, Task } from './child.js';

/** How one graph fared. */
export interface Graded {
  readonly index: number;
  readonly outcomes: readonly Outcome[];
}

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));

/** Longest time for one graph, on a machine that has other things to do. */
const GRAPH_MILLISECONDS = 60_000;

const died = (index: number, why: string): Graded => ({
  index,
  outcomes: [{ law: 'the process lives on', verdict: 'violated', why }],
});

/** Tells how each graph of the range fared; stops early when the child dies, after the graph that it died of. */
export async function* runBatch(task: Task): AsyncGenerator<Graded> {
  const child = fork(CHILD, [JSON.stringify(task)], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'ipc'] });
  const closed = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => {
    stderr = (stderr + data.toString()).slice(-4000);
  });
  const watch = () => setTimeout(() => child.kill('SIGKILL'), GRAPH_MILLISECONDS);
  let timer = watch();
  let current: number | undefined;
  try {
    for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
      clearTimeout(timer);
      const said = JSON.parse(line) as Said;
      if ('begins' in said) current = said.begins;
      else {
        current = undefined;
        yield { index: said.done, outcomes: said.outcomes };
      }
      timer = watch();
    }
    const end = await closed;
    if (current !== undefined || end !== 'exit code 0') yield died(current ?? task.from, `${end}\n${stderr}`);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    await closed;
  }
}
