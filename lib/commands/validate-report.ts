/** What `validate` tells. */
import type { OutputComparison, Tolerance } from '../runtime/compare.js';
import type { OutputStatistics } from '../runtime/statistics.js';
import type { TraceReport } from './trace-report.js';

/** One thing that was checked. */
export interface Check {
  readonly name: 'structure' | 'shapes' | 'runtime' | 'outputs';
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; '' where it passed. */
  readonly why: string;
}

/** A set of inputs: an archive, or what a seed draws. */
export interface SetName {
  readonly path: string | null;
  readonly seed: number | null;
}

/** One output over all sets of inputs. */
export interface OutputReport extends OutputComparison {
  /** The set (its number in `sets`, from 0) that `worst` is of; null where all elements are equal. */
  readonly worstSet: number | null;
}

/** One set of inputs over all outputs. */
export interface SetComparison {
  readonly within: boolean;
  readonly maxAbs: number;
  readonly maxRel: number;
  readonly mismatches: number;
  /** As `AgainstReport.wouldPass`, of this set alone. */
  readonly wouldPass: number;
}

/** The model's outputs beside those that were expected. */
export interface AgainstReport {
  /** The models whose outputs are expected; the model itself where it was run on another execution provider. */
  readonly members: readonly string[];
  /** Shares of the members in the mean, which sum to 1; null where they are equal. */
  readonly weights: readonly number[] | null;
  /** The execution provider that they ran on. */
  readonly ep: string;
  readonly tolerance: Tolerance;
  readonly outputs: readonly OutputReport[];
  /** In the order of the report's `sets`. */
  readonly sets: readonly SetComparison[];
  /** The least t, rounded up, so that atol = rtol = t would pass; infinite (null in JSON) where none would. */
  readonly wouldPass: number;
}

/** What was checked and how it went. */
export interface ValidateReport {
  readonly schema: 'onnx-transplant/validate@1';
  readonly model: string;
  /** The execution provider that the model ran on. */
  readonly ep: string;
  /** Whether no check failed. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** The sets of inputs that the model ran on. */
  readonly sets: readonly SetName[];
  /** What numbers the model's outputs hold; none where it did not run. */
  readonly statistics: readonly OutputStatistics[];
  /** Null where there is nothing to compare with, or where the model did not run. */
  readonly comparison: AgainstReport | null;
  /** Null unless it was asked for, and where there is no comparison. */
  readonly trace: TraceReport | null;
  readonly notes: readonly string[];
}
