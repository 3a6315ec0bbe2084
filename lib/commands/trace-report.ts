/** What a trace tells: where two models part, value by value. */
import type { NodeDifference } from '../diff/node-differences.js';
import type { Worst } from '../runtime/tally.js';

/** A node as reports name it. */
export interface NodeName {
  /** '' where the file names none. */
  readonly node: string;
  readonly operator: string;
  /** The first value that it makes. */
  readonly value: string;
}

/** A value beside its counterpart. */
export interface TracePoint extends NodeName {
  /** Place of its node in the order of computation, from 1. */
  readonly place: number;
  /** Its name in the other model. */
  readonly counterpart: string;
  readonly within: boolean;
  readonly elements: number;
  readonly mismatches: number;
  /** Largest |a - b|. */
  readonly maxAbs: number;
  /** That over the largest |b|: how large the error is beside the value. */
  readonly relative: number;
  /** Why both cannot be compared at all (other shapes); '' where they can. */
  readonly why: string;
  /**
   * True where it differs though what is made of it agrees, so that its error goes no further: a value in front of a layer that
   * was folded into another, for instance. Not counted as parting.
   */
  readonly absorbed: boolean;
}

/** What a node reads, beside what its counterpart reads. */
export interface TracedInput {
  readonly value: string;
  readonly counterpart: string;
  readonly within: boolean;
  readonly maxAbs: number;
  readonly relative: number;
}

/** The node where two models part. */
export interface Part extends TracePoint {
  readonly worst: Worst | null;
  /** Values that it computes from: what it reads, or what that was made of where only one model has it. */
  readonly inputs: readonly TracedInput[];
  /** How many times as large as its inputs' error (or as rounding, where that is more) its own is, both relative. */
  readonly growth: number;
  /** What is different in the nodes themselves; empty where both are the same, and compute something else. */
  readonly differences: readonly NodeDifference[];
  /** Nodes between the inputs and this one that only the model has, and that only the other one has. */
  readonly onlyHere: readonly NodeName[];
  readonly onlyThere: readonly NodeName[];
}

/** Where a model and another one, or two execution providers, part. Both run without optimisation of the graph. */
export interface TraceReport {
  /**
   * `agrees`: all values that were compared are within the tolerance, or absorbed. `breaks`: at one node the error jumps. `grows`: it leaves the
   * tolerance little by little, as rounding does.
   */
  readonly verdict: 'agrees' | 'breaks' | 'grows';
  /** Which set of inputs was traced: the one with the worst outputs. */
  readonly set: number;
  /** The node where the error jumps, or where it leaves the tolerance; null where all agree. */
  readonly part: Part | null;
  /** The first value that is not within the tolerance, where it lies before `part`; else null. */
  readonly before: TracePoint | null;
  /** All values that were compared, in the order of computation. */
  readonly course: readonly TracePoint[];
  /** How many values have a counterpart; of large models only some of them are compared. */
  readonly paired: number;
  /** How many computed values of each model have none. */
  readonly unpaired: { readonly here: number; readonly there: number };
}
