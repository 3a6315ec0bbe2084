/** Options that several commands share, and their defaults. */
import type { Importance } from '../analysis/importance/index.js';
import type { Scope } from '../transforms/pools.js';

/** How far a long command has come. */
export interface Progress {
  /** What it does now: `reading`, `writing`, `validating`. */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** What every command takes. */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What every command takes that writes a model. */
export interface OutputOptions extends RunOptions {
  /** Where the model goes; needed unless `dryRun`. */
  readonly output?: string | undefined;
  /** Say what would be made, write nothing. */
  readonly dryRun?: boolean | undefined;
  /** Load and run the written file before it gets its name; true unless told. */
  readonly validate?: boolean | undefined;
  /** Execution provider for that: `cpu` unless told. */
  readonly ep?: string | undefined;
  /** Let the output take the place of an input. */
  readonly inPlace?: boolean | undefined;
  /** Weights in a file beside the model: always, never, or (`auto`) where the model would be too large without. */
  readonly externalData?: boolean | 'auto' | undefined;
}

/** What every command takes that scores neurons. */
export interface ScoringOptions {
  readonly importance?: Importance | undefined;
  readonly scope?: Scope | undefined;
  /** For `random`, and for the shuffle in front of `samples`; 0 unless told. */
  readonly seed?: number | undefined;
  readonly allowNonfinite?: boolean | undefined;
}

export const SCORING = { importance: 'l2', scope: 'layer', seed: 0, allowNonfinite: false } as const;

/** Options without those that are undefined, so that defaults can stand in front of them. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** An option of the library as the command line writes it: `weightDecay` is `--weight-decay`. */
export const flagOf = (option: string): string =>
  `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
