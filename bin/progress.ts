/** One line on stderr that says how far a command has come. */
import type { Progress } from '../lib/commands/options.js';
import { isTerminal } from './style.js';

const BAR = 24;
/** Milliseconds between two drawings. */
const PAUSE = 50;
const CLEAR = '\r\u001b[K';

export interface ProgressLine {
  readonly update: (progress: Progress) => void;
  readonly clear: () => void;
}

/** `writing  ############------------  50 %`. */
export function progressText({ stage, done, total }: Progress, width: number): string {
  const part = Math.min(1, done / total);
  const filled = Math.round(part * BAR);
  const bar =
    total > 1 && done > 0
      ? `  ${'#'.repeat(filled)}${'-'.repeat(BAR - filled)} ${String(Math.round(part * 100)).padStart(3)} %`
      : '';
  const room = Math.max(8, width - bar.length - 1);
  return `${stage.length > room ? `${stage.slice(0, room - 1)}…` : stage}${bar}`;
}

/** A line on a terminal; nothing where stderr is none or `quiet` is set. */
export function progressLine(quiet: boolean): ProgressLine {
  const { stderr, env } = process;
  if (quiet || !isTerminal(stderr, env)) return { update: () => undefined, clear: () => undefined };
  let [drawn, stage] = [Number.NEGATIVE_INFINITY, ''];
  return {
    update: (progress) => {
      const now = performance.now();
      if (now - drawn < PAUSE && progress.stage === stage) return;
      [drawn, stage] = [now, progress.stage];
      stderr.write(`${CLEAR}${progressText(progress, stderr.columns ?? 80)}`);
    },
    clear: () => {
      if (stage !== '') stderr.write(CLEAR);
      stage = '';
    },
  };
}
