/** The compiled program as a child process, as users run it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/onnx-transplant.js', import.meta.url));

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program. */
export interface Running {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

/** Starts the program with these words; stdin is empty, and neither stdout nor stderr is a terminal. */
export const start = (...words: readonly string[]): Running => startNode([PROGRAM, ...words]);

/** Runs the program after some JavaScript that changes or breaks something in its process. */
export const runAfter = (script: string, ...words: readonly string[]): Promise<Ended> =>
  startNode(['--import', `data:text/javascript,${encodeURIComponent(script)}`, PROGRAM, ...words]).ended;

function startNode(words: readonly string[]): Running {
  const child = spawn(process.execPath, [...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (piece: Buffer) => out.push(piece));
  child.stderr.on('data', (piece: Buffer) => err.push(piece));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
  return { kill: (signal) => child.kill(signal), ended };
}

/** Runs the program to its end. */
export const run = (...words: readonly string[]): Promise<Ended> => start(...words).ended;

/** A model of fixtures/. */
export const member = (name: string): string => `fixtures/members/${name}.onnx`;
