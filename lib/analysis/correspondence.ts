/** Which constant of a member is which constant of the template, by structure and never by name. */
import { membersDiffer, TransplantError } from '../errors.js';
import { constantsOf } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
import type { Model } from '../ir/model.js';
import { isomorphism, sameTensor } from './isomorphism.js';
import type { Neurons } from './neurons.js';
import { type Breadth, listParametric, type ParameterRef, type Parametric, parametricText } from './parameters.js';

/** A constant of the member in place of one of the template. */
export interface Counterpart {
  readonly name: string;
  /** The matrix stands the other way round in the member. */
  readonly transposed: boolean;
  /** How many axes of length 1 the template has in front that the member has not (fewer than 0: the other way round). */
  readonly lead: number;
}

export interface Correspondence {
  /** By the name of the template's constant. */
  readonly constants: ReadonlyMap<string, Counterpart>;
  /**
   * True where both graphs are the same node by node, so that the member's parameters in the template's graph are the
   * member by construction. Otherwise that has to be proved by running both.
   */
  readonly proved: boolean;
}

/** Matches a member with the template. Throws MEMBERS_DIFFER with the first difference side by side. */
export function matchMembers(template: Neurons, member: Neurons): Correspondence {
  if (template === member) {
    const itself = [...constantsOf(template.model.graph).keys()].map(
      (name) => [name, { name, transposed: false, lead: 0 }] as const,
    );
    return { constants: new Map(itself), proved: true };
  }
  const same = isomorphism(template.model.graph, member.model.graph);
  if (same) {
    const [ours, theirs] = [constantsOf(template.model.graph), constantsOf(member.model.graph)];
    const paired = ([name, other]: readonly [string, string]) => {
      const lead = leadOf(ours.get(name)?.dims ?? [], theirs.get(other)?.dims ?? []);
      return [name, { name: other, transposed: false, lead }] as const;
    };
    return {
      constants: new Map([...same.constants].map(paired)),
      proved: same.whole && sameRest(template.model, member.model, same.constants),
    };
  }
  return { constants: matchParametric(template, member), proved: false };
}

/** How many axes of length 1 `a` has in front that `b` has not, or fewer than 0; 0 where they differ otherwise. */
function leadOf(a: readonly number[], b: readonly number[]): number {
  const more = a.length - b.length;
  const front = more > 0 ? a.slice(0, more) : b.slice(0, -more);
  return front.every((dim) => dim === 1) ? more : 0;
}

/** Whether what is no parameter (shapes, indices, versions) agrees. Local functions are not compared: running shows. */
function sameRest(a: Model, b: Model, names: ReadonlyMap<string, string>): boolean {
  const [ofA, ofB] = [constantsOf(a.graph), constantsOf(b.graph)];
  const sameConstants = [...names].every(([name, other]) => {
    const [x, y] = [ofA.get(name), ofB.get(other)];
    if (!x || !y || REAL_TYPES.has(x.dtype)) return x?.dtype === y?.dtype;
    return sameTensor(x, y);
  });
  const sameOpsets = [...a.opsets].every(([domain, version]) => b.opsets.get(domain) === version);
  return sameConstants && sameOpsets && (a === b || a.functions.length + b.functions.length === 0);
}

/**
 * By all their parameters and numbers, or where that fails without the numbers, or by the parameters of neurons alone: one exporter
 * may write as a constant (a factor, a mask, a table of positions) what another computes. Whether such a constant stands for
 * all members, the proof shows.
 */
function matchParametric(template: Neurons, member: Neurons): ReadonlyMap<string, Counterpart> {
  const breadths: readonly Breadth[] = ['numbers', 'parameters', 'neurons'];
  let failure: TransplantError | undefined;
  for (const breadth of breadths) {
    const matched = matchLists(template, member, breadth);
    if (!(matched instanceof TransplantError)) return matched;
    failure = matched;
  }
  throw failure;
}

/** The counterparts, or the first difference. */
function matchLists(
  template: Neurons,
  member: Neurons,
  breadth: Breadth,
): ReadonlyMap<string, Counterpart> | TransplantError {
  const [ours, theirs] = [listParametric(template, breadth), listParametric(member, breadth)];
  const constants = new Map<string, Counterpart>();
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [a, b] = [ours[i], theirs[i]];
    if (!a || !b || a.kind !== b.kind || !sameForm(a, b)) return firstDifference(template, member, i, a, b);
    a.constants.forEach((ref, k) => {
      const other = b.constants[k];
      if (ref && other) constants.set(ref.name, counterpart(ref, other));
    });
  }
  return constants;
}

const counterpart = (ref: ParameterRef, other: ParameterRef): Counterpart => ({
  name: other.name,
  transposed: isTransposed(ref, other),
  lead: ref.dims.length - other.dims.length,
});

const sameForm = (a: Parametric, b: Parametric): boolean =>
  a.constants.length === b.constants.length &&
  a.constants.every((ref, k) => {
    const other = b.constants[k];
    return ref && other ? sameRank(ref, other) && orderFits(ref, other) : ref === other;
  });

/** Ranks that agree but for axes of length 1 in front, which broadcasting adds anyway. */
function sameRank(a: ParameterRef, b: ParameterRef): boolean {
  const [long, short] = a.dims.length > b.dims.length ? [a.dims, b.dims] : [b.dims, a.dims];
  return long.slice(0, long.length - short.length).every((dim) => dim === 1);
}

/** A vector, whatever its rank, has no order to differ in. */
const sameOrder = (a: ParameterRef, b: ParameterRef): boolean =>
  a.dims.length !== b.dims.length || a.order.every((axis, i) => axis === b.order[i]);
const isTransposed = (a: ParameterRef, b: ParameterRef): boolean => !sameOrder(a, b);
const orderFits = (a: ParameterRef, b: ParameterRef): boolean => sameOrder(a, b) || a.dims.length === 2;

function firstDifference(
  template: Neurons,
  member: Neurons,
  at: number,
  a: Parametric | undefined,
  b: Parametric | undefined,
) {
  const [ours, theirs] = [template.model.label, member.model.label];
  return membersDiffer(`layer ${at + 1} is ${parametricText(a)} of ${ours}, but ${parametricText(b)} of ${theirs}`);
}
