/**
 * Lengths and axes of generated values. A graph is drawn once and built at several widths: a length is a list, one number a
 * variant, and what a production decides must hold for all of them, so that the nodes are the same at every width.
 */

/** The length of an axis in each variant: the base one, then a wider one. */
export type Len = readonly number[];

/** How many variants of the widths a graph has. */
export const VARIANTS = 2;

/** A length that is the same in every variant. */
export const fixedLen = (length: number): Len => Array.from({ length: VARIANTS }, () => length);

const combine = (a: Len, b: Len, how: (x: number, y: number) => number): Len =>
  a.map((each, variant) => how(each, b[variant] as number));

export const plus = (a: Len, b: Len): Len => combine(a, b, (x, y) => x + y);
export const minus = (a: Len, b: Len): Len => combine(a, b, (x, y) => x - y);
export const times = (a: Len, b: Len): Len => combine(a, b, (x, y) => x * y);
export const productOf = (lengths: readonly Len[]): Len => lengths.reduce(times, fixedLen(1));

/** Whether a number divides a length in every variant. */
export const divides = (by: number, length: Len): boolean => length.every((each) => each % by === 0);
export const quotient = (length: Len, by: number): Len => length.map((each) => each / by);

export const sameLen = (a: Len, b: Len): boolean => a.every((each, variant) => each === b[variant]);
export const isLen = (length: Len, value: number): boolean => length.every((each) => each === value);
/** Whether it is equal in all variants. */
export const isFixed = (length: Len): boolean => isLen(length, length[0] as number);

/** What an axis holds: samples, neurons (wholly or in part), or something that no transform changes. */
export type Role = 'batch' | 'neurons' | 'fixed';

export interface Axis {
  readonly role: Role;
  readonly len: Len;
}

/** A value that later steps may take up. */
export interface Open {
  readonly name: string;
  readonly axes: readonly Axis[];
  /** The axis that a layer contracts: channels, features. */
  readonly channel: number;
  /** Behind the layer that leads to an output: a mean of the members when they are fused. */
  readonly closed: boolean;
}

export const rankOf = (value: Open): number => value.axes.length;
export const axisAt = (value: Open, axis: number): Axis => value.axes[axis] as Axis;
export const channelOf = (value: Open): Axis => axisAt(value, value.channel);
export const channelLen = (value: Open): Len => channelOf(value).len;
export const lensOf = (value: Open): readonly Len[] => value.axes.map(({ len }) => len);
export const holdsNeurons = (value: Open): boolean => value.axes.some(({ role }) => role === 'neurons');

/** [batch, features]. */
export const isVector = (value: Open): boolean => rankOf(value) === 2;
/** Channels in front of at least one other axis: what convolutions take. */
export const isSpatial = (value: Open): boolean =>
  value.channel === 1 &&
  rankOf(value) > 2 &&
  value.axes.slice(2).every(({ role, len }) => role === 'fixed' && isFixed(len));
/** Features on the last axis: what matrix products take. */
export const isLast = (value: Open): boolean => value.channel === rankOf(value) - 1;

/** Axes but the batch and the channel. */
export const otherAxes = (value: Open): readonly number[] =>
  [...value.axes.keys()].filter((axis) => axis > 0 && axis !== value.channel);

export const sameAxes = (a: Open, b: Open): boolean =>
  rankOf(a) === rankOf(b) &&
  a.channel === b.channel &&
  a.closed === b.closed &&
  a.axes.every((axis, i) => axis.role === axisAt(b, i).role && sameLen(axis.len, axisAt(b, i).len));

/** Elements of a value at its widest. */
export const elementsOf = (value: Open): number => Math.max(...productOf(lensOf(value)));

/** The axes with another length of one of them. */
export const withLen = (value: Open, axis: number, len: Len): readonly Axis[] =>
  value.axes.map((each, at) => (at === axis ? { ...each, len } : each));

/** The axes but for some. */
export const without = (value: Open, gone: readonly number[]): readonly Axis[] =>
  value.axes.filter((_, at) => !gone.includes(at));

/** Whether there is more than one channel at every width. */
export const several = (value: Open): boolean => Math.min(...channelLen(value)) > 1;
