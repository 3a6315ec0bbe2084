/**
 * Whether the nodes of an assembled graph move its neurons as the layout of its constants says. At another width a Reshape
 * or Transpose may lead elsewhere than the template's pattern does when it is continued (channels last, then split into
 * heads): the numbers would be wrong without any shape being so. lib/transforms/reorder mends what it can.
 */
import { type Stated, stateRelations } from '../analysis/relations.js';
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { layoutUnsupported, quoted, type TransplantError } from '../errors.js';
import { type Dim, isSymbolic } from '../ir/dim.js';
import { joined } from '../ir/mixed.js';
import type { Model } from '../ir/model.js';
import type { AxisRef, Composite, Relation, Same } from '../rules/structure/relation.js';
import type { Layout } from './layout.js';

/** What stands on an axis of the output, from the template's layout; undefined where it has no neurons. */
export type LayoutOf = (at: AxisRef) => Layout | undefined;

/** The labels of one axis of the output and its length as the assembled graph has it. */
export interface Labelled {
  readonly layout: Layout | undefined;
  readonly length: number;
}

/** Finds what stands on an axis. */
export type Find = (at: AxisRef) => Labelled;

/** Finds what stands on the axes of a graph, and on those that only a rule has. */
export function finder(layoutOf: LayoutOf, facts: FactsMap, stated: readonly Stated[]): Find {
  const known = new Map<string, Labelled>();
  const virtual = new Map(stated.flatMap((each) => [...each.virtual]));
  return (at) => {
    const key = `${at.axis} ${at.value}`;
    const found = known.get(key) ?? {
      layout: layoutOf(at),
      length: lengthOf(virtual.get(at.value) ?? facts.get(at.value)?.shape?.[at.axis]),
    };
    known.set(key, found);
    return found;
  };
}

/**
 * States the relations of every node of `made` at its new shapes and compares: positions that are the same neuron must have
 * been given to one slot. Answers LAYOUT_UNSUPPORTED at the first axis where they were not; undefined where all were.
 */
export function misplacedIn(made: Model, widths: readonly number[], layoutOf: LayoutOf): TransplantError | undefined {
  const facts = inferShapes(made);
  const stated = stateRelations(made, facts);
  const find = finder(layoutOf, facts, stated);
  for (const { relations } of stated) {
    const bad = relations.find((relation) => !holds(relation, find, widths)) ?? movedUnlike(relations, find, widths);
    if (bad) return misplaced(bad);
  }
  return undefined;
}

const lengthOf = (dim: Dim | undefined): number => (dim === undefined ? 0 : isSymbolic(dim) ? dim.coefficient : dim);

function misplaced(relation: Relation) {
  const { value, axis } =
    relation.kind === 'same' ? relation.a : relation.kind === 'composite' ? relation.whole : refOf(relation);
  return layoutUnsupported(
    `axis ${axis} of ${quoted(value)}`,
    'its neurons would stand in another order at the new width',
  );
}

const refOf = (relation: Relation): AxisRef => ('at' in relation ? relation.at : { value: '', axis: 0 });

function holds(relation: Relation, find: Find, widths: readonly number[]): boolean {
  switch (relation.kind) {
    case 'same':
      return holdsSame(relation, find, widths);
    case 'composite':
      return holdsComposite(relation, find, widths);
    case 'fixed': {
      const { layout, length } = find(relation.at);
      return length <= 1 || !layout || layout.group.every((group) => group < 0 || widths[group] === 1);
    }
    default:
      return true;
  }
}

/** Whether two positions hold the same. A single neuron may be lost from sight: its axis looks like one that is fixed. */
function agree(a: Labelled, p: number, b: Labelled, q: number, widths: readonly number[]): boolean {
  const [group, other] = [a.layout?.group[p] ?? -1, b.layout?.group[q] ?? -1];
  if (group < 0 || other < 0) return group < 0 ? other < 0 || widths[other] === 1 : widths[group] === 1;
  return group === other && a.layout?.slot[p] === b.layout?.slot[q];
}

const fits = ({ layout, length }: Labelled): boolean => !layout || layout.group.length === length;

function holdsSame(relation: Same, find: Find, widths: readonly number[]): boolean {
  const [a, b] = [find(relation.a), find(relation.b)];
  if (!a.layout && !b.layout) return true;
  const [aStart, bStart] = [relation.aStart ?? 0, relation.bStart ?? 0];
  const count = Math.min(relation.length ?? a.length, a.length - aStart, b.length - bStart);
  if (!fits(a) || !fits(b)) return false;
  for (let p = 0; p < count; p++) if (!agree(a, aStart + p, b, bStart + p, widths)) return false;
  return true;
}

/**
 * The first of the relations between two axes that does not move the neurons of a group alike: which occurrence of a neuron becomes
 * which must not depend on the neuron, since layers are laid out by occurrences. Padding shows it, which stands at both ends
 * and not around each neuron. Axes taken over whole keep all occurrences.
 */
function movedUnlike(relations: readonly Relation[], find: Find, widths: readonly number[]): Same | undefined {
  const moved = new Map<string, { readonly first: Same; readonly sums: Map<number, Int32Array> }>();
  for (const relation of relations) {
    if (relation.kind !== 'same' || (relation.length === undefined && !relation.aStart && !relation.bStart)) continue;
    const { a, b, aStart = 0, bStart = 0 } = relation;
    const [from, to] = [find(a), find(b)];
    if (!from.layout || !to.layout) continue;
    const key = JSON.stringify([a, b]);
    const { sums } = moved.get(key) ?? { sums: new Map<number, Int32Array>() };
    moved.set(key, { first: moved.get(key)?.first ?? relation, sums });
    const count = Math.min(relation.length ?? from.length, from.length - aStart, to.length - bStart);
    for (let i = 0; i < count; i++) {
      const [p, q] = [aStart + i, bStart + i];
      const [group, slot] = [from.layout.group[p] as number, from.layout.slot[p] as number];
      if (group < 0) continue;
      const own = sums.get(group) ?? new Int32Array(widths[group] ?? 0);
      sums.set(group, own);
      own[slot] =
        (own[slot] as number) + joined(from.layout.occurrence[p] as number, to.layout.occurrence[q] as number);
    }
  }
  const isUneven = (sums: Int32Array) => sums.some((sum) => sum !== sums[0]);
  return [...moved.values()].find(({ sums }) => [...sums.values()].some(isUneven))?.first;
}

/** The positions of the whole are those of the one factor that holds neurons. */
function holdsComposite({ whole, parts }: Composite, find: Find, widths: readonly number[]): boolean {
  const all = find(whole);
  const owners = parts.filter((part) => find(part).layout);
  if (owners.length > 1 || !fits(all)) return false;
  const [ref] = owners;
  const owner = ref && find(ref);
  if (!ref || !owner) return !all.layout || all.layout.group.every((group) => group < 0 || widths[group] === 1);
  if (!fits(owner)) return false;
  const inner = parts.slice(parts.indexOf(ref) + 1).reduce((product, part) => product * find(part).length, 1);
  for (let p = 0; p < all.length; p++)
    if (!agree(all, p, owner, Math.floor(p / inner) % owner.length, widths)) return false;
  return true;
}
