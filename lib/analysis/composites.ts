/**
 * Composite axes and their owner factor. Behind a Flatten an axis is channels x height x width; the one factor that is free
 * (the channels) owns the axis. Where several factors are free (heads x features), the transform's policy decides.
 */
import type { Composite } from '../rules/structure/relation.js';
import type { AxisSpace, AxisSpan, Classes } from './positions.js';

/**
 * Which free factor owns an axis that has several. `outer`: whole heads or groups are neurons (fusing needs that);
 * `inner`: the same feature of every head or group (what pruning does).
 */
export type FactorPolicy = 'inner' | 'outer';

interface Axis {
  readonly whole: AxisSpan;
  readonly parts: readonly AxisSpan[];
}

const some = (axis: AxisSpan, test: (position: number) => boolean): boolean => {
  for (let p = axis.start; p < axis.start + axis.length; p++) if (test(p)) return true;
  return false;
};

/** Position p of the whole is position (p / inner) mod length of the owner. */
function unite(classes: Classes, { whole, parts }: Axis, owner: AxisSpan): void {
  const inner = parts.slice(parts.indexOf(owner) + 1).reduce((product, part) => product * part.length, 1);
  for (let p = 0; p < whole.length; p++) {
    classes.unite(whole.start + p, owner.start + (Math.floor(p / inner) % owner.length));
  }
}

/** One look at one axis: settles it if it can be settled. Answers whether anything changed. */
function settle(classes: Classes, axis: Axis, open: Set<Axis>): boolean {
  const free = (each: AxisSpan) => some(each, (p) => classes.isFree(p));
  const freeParts = axis.parts.filter(free);
  const longParts = freeParts.filter((part) => part.length > 1);
  if (longParts.length > 1 && free(axis.whole)) return false;
  open.delete(axis);
  const [owner] = longParts.length > 0 ? longParts : freeParts;
  if (!free(axis.whole)) {
    const why = classes.fixedWhy(axis.whole.start) ?? 'part of a fixed axis';
    for (const part of axis.parts) classes.fix(part, why);
  } else if (owner === undefined) {
    classes.fix(axis.whole, classes.fixedWhy(axis.parts[0]?.start ?? axis.whole.start) ?? 'made of fixed axes');
  } else {
    unite(classes, axis, owner);
    for (const part of freeParts) if (part !== owner) classes.fix(part, 'beside the factor that holds the neurons');
  }
  return true;
}

/** Gives every composite axis its owner, by what is known first and by policy where that leaves a choice. */
export function settleComposites(
  space: AxisSpace,
  classes: Classes,
  composites: readonly Composite[],
  policy: FactorPolicy,
): void {
  const open = new Set<Axis>();
  for (const { whole, parts } of composites) {
    const spans = [whole, ...parts].map((ref) => space.find(ref));
    if (spans.every((span) => span !== undefined)) {
      open.add({ whole: spans[0] as AxisSpan, parts: spans.slice(1) as AxisSpan[] });
    }
  }
  while (open.size > 0) {
    let changed = false;
    for (const axis of [...open]) changed = settle(classes, axis, open) || changed;
    if (!changed) choose(classes, open, policy);
  }
}

/** Whether neurons of the whole differ along a factor, as far as they are known: heads that are one each leave no choice. */
function varies(classes: Classes, { whole, parts }: Axis, part: AxisSpan): boolean {
  const inner = parts.slice(parts.indexOf(part) + 1).reduce((product, each) => product * each.length, 1);
  for (let p = 0; p < whole.length; p++) {
    const first = p - (Math.floor(p / inner) % part.length) * inner;
    if (classes.root(whole.start + p) !== classes.root(whole.start + first)) return true;
  }
  return false;
}

/**
 * No axis settles by itself: fix all free factors of the first one but its owner. That is the one factor that a layer makes
 * already (the groups of a depthwise Conv are its channels), or else the one that the policy names; for `outer` one that is not
 * summed up (the radix of a split attention, whose parts are no heads), where there is one.
 */
function choose(classes: Classes, open: ReadonlySet<Axis>, policy: FactorPolicy): void {
  const [axis] = open;
  if (!axis) return;
  const free = axis.parts.filter((part) => part.length > 1 && some(part, (p) => classes.isFree(p)));
  const varied = free.filter((part) => varies(classes, axis, part));
  const apart = varied.length > 0 ? varied : free;
  const made = apart.filter((part) => some(part, (p) => classes.isFree(p) && classes.isMade(p)));
  const among = made.length > 0 ? made : apart;
  const kept = among.find((part) => !some(part, (p) => classes.isFree(p) && classes.isSummed(p)));
  const owner = policy === 'outer' ? (kept ?? among[0]) : among.at(-1);
  for (const part of free) if (part !== owner) classes.fix(part, 'moves as one with its head or group');
}
