/** Concatenation: every neuron of every member, in one wide model that computes the weighted mean of their outputs. */
import type { Model } from '../ir/model.js';
import { assemble } from './assemble.js';
import { selectAll } from './select.js';
import { type Proof, proofsOf, putSideBySide } from './side-by-side.js';

export interface ConcatOptions {
  /** The model whose graph the output has; the first member where it is left out. */
  readonly like?: Model;
  readonly weights?: readonly number[];
  /** Refuse rather than approximate. */
  readonly exact: boolean;
}

/** What a transform made. */
export interface Transformed {
  readonly model: Model;
  /** What a user should know: approximations, choices made for them. */
  readonly notes: readonly string[];
  /** To be checked by running, before the result is trusted. */
  readonly proofs: readonly Proof[];
}

/** A neuron group of a concatenation, by its name there. */
export interface WideGroup {
  readonly name: string;
  /** How many neurons the template has in it. */
  readonly like: number;
  /** How many each member has, one behind the other. */
  readonly members: readonly number[];
}

/** A wide model, and whose neurons it holds. */
export interface Concatenated extends Transformed {
  readonly groups: readonly WideGroup[];
}

/** The wide model. Throws what `putSideBySide` and `assemble` throw. */
export function concat(members: readonly Model[], options: ConcatOptions): Concatenated {
  const side = putSideBySide(members, options.like ?? (members[0] as Model), options.exact, options.weights);
  const { family, roles, shareOf } = side;
  return {
    model: assemble(family, roles, selectAll(family), shareOf),
    notes: side.notes,
    proofs: proofsOf(side),
    groups: family.template.groups.map(({ id, name, size }) => ({
      name,
      like: size,
      members: family.members.map(({ widths }) => widths[id] as number),
    })),
  };
}
