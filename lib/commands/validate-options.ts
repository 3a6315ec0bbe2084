/** What `validate` takes, checked before anything is read. */
import { usage } from '../errors.js';
import { DEFAULT_TOLERANCE, type Tolerance } from '../runtime/compare.js';
import { normalisedWeights } from '../transforms/shares.js';
import type { InputOptions } from './input-sets.js';
import { given, type RunOptions } from './options.js';

/** What to check, and how closely. */
export interface ValidateOptions extends RunOptions, InputOptions {
  /** Models whose outputs are expected; the mean of theirs where there are several. */
  readonly against?: readonly string[] | undefined;
  /** Shares of several in the mean, as many as there are; equal unless told. */
  readonly weights?: readonly number[] | undefined;
  /** Two numbers agree where |a - b| <= atol + rtol * |b|; 1e-5 unless told. */
  readonly atol?: number | undefined;
  /** 1e-4 unless told. */
  readonly rtol?: number | undefined;
  /** Execution provider: `cpu` unless told. */
  readonly ep?: string | undefined;
  /** That of the models in `against`: `ep` unless told. Without `against` the model itself is run on both. */
  readonly againstEp?: string | undefined;
  /** Find the node where the model and the one that it is compared with part. */
  readonly trace?: boolean | undefined;
}

/** What the outputs are compared with. */
export interface Counterparts {
  readonly members: readonly string[];
  readonly ep: string | undefined;
  /** Shares that sum to 1; undefined where they are equal. */
  readonly weights: readonly number[] | undefined;
}

/** Throws USAGE for a tolerance that is none. */
export function toleranceOf({ atol, rtol }: ValidateOptions): Tolerance {
  const tolerance = { ...DEFAULT_TOLERANCE, ...given({ atol, rtol }) };
  for (const [name, value] of Object.entries(tolerance)) {
    if (!(value >= 0 && Number.isFinite(value))) throw usage(`--${name} is a number from 0 up, not ${value}`);
  }
  return tolerance;
}

/** The models to compare with; none where there is nothing to compare. Throws USAGE for options that do not fit together. */
export function counterpartsOf(path: string, options: ValidateOptions): Counterparts {
  const { against = [], againstEp, ep, trace = false } = options;
  const members = against.length === 0 && againstEp !== undefined ? [path] : against;
  if (options.weights && against.length === 0) throw usage('--weights is for the mean of several --against models');
  const tolerance = options.atol === undefined ? (options.rtol === undefined ? undefined : '--rtol') : '--atol';
  if (tolerance && members.length === 0) {
    throw usage(
      `${tolerance} is for a comparison, and there is nothing to compare with`,
      'Name models with --against, or another provider with --against-ep.',
    );
  }
  const weights = normalisedWeights(options.weights, members.length);
  if (trace && members.length !== 1) {
    throw usage(
      `--trace compares two models, not ${members.length + 1}`,
      'Give one model with --against, or another provider with --against-ep.',
    );
  }
  if (against.length === 0 && againstEp !== undefined && againstEp === (ep ?? 'cpu')) {
    throw usage(
      `--against-ep ${againstEp} is what the model runs on anyway`,
      'Name two providers, for example --ep cuda --against-ep cpu, or another model with --against.',
    );
  }
  return { members, ep: againstEp ?? ep, weights };
}
