/** What every measure of importance is given and what it answers. */
import type { Tensor } from '../../ir/model.js';
import type { NodeLayer } from '../groups.js';
import type { Family } from '../members.js';
import type { Roles } from '../roles.js';
import type { Moments } from './moments.js';

/**
 * All measures. `l2`, `l1`, `lamp`, `fpgm`, `bn-scale` read the weights, `activation` needs `ImportanceOptions.moments`,
 * `taylor` needs `ImportanceOptions.gradients`, `random` needs nothing.
 */
export const IMPORTANCES = ['l2', 'l1', 'lamp', 'fpgm', 'bn-scale', 'activation', 'taylor', 'random'] as const;
/** A measure of importance. */
export type Importance = (typeof IMPORTANCES)[number];

/** How to score neurons. */
export interface ImportanceOptions {
  readonly importance: Importance;
  /** For `random`. */
  readonly seed: number;
  /** Count NaN and infinite weights as nothing instead of refusing the member. */
  readonly allowNonfinite: boolean;
  /** For `activation`: what each member's layers read on data, in the order of the members. */
  readonly moments?: readonly Moments[] | undefined;
  /** For `taylor`: for each member the gradients of the loss by the names of the template's weights, in their shapes. */
  readonly gradients?: readonly ReadonlyMap<string, Tensor>[] | undefined;
}

/** Scores of one member: for each group one number a neuron. */
export type Scores = readonly Float64Array[];

/** A member's share in the mean that a closing layer makes. */
export type ShareOf = (layer: NodeLayer | undefined, member: number) => number;

/** The members and what is to be known of them. */
export interface Scene {
  readonly family: Family;
  readonly roles: Roles;
  readonly shareOf: ShareOf;
  readonly options: ImportanceOptions;
}

/** What one side of a layer or one scale adds to the scores of one member. */
export interface Term {
  readonly tensor: string;
  /** The axis whose positions are scored. */
  readonly axis: number;
  /** A number for each position of that axis. */
  readonly sums: Float64Array;
}

/**
 * The terms of each member, in the order of the members. Yields between pieces of long work, so that whoever drives it may
 * stop there.
 */
export type Measure = (scene: Scene) => Generator<void, readonly (readonly Term[])[]>;
