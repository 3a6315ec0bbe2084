/**
 * Neuron transplantation (arXiv 2502.06849): of all members' neurons the most important ones, in one model of one member's
 * size. Scores are computed member by member and only kept neurons are copied; the concatenated model never exists.
 */
import { type ImportanceOptions, normaliserOf, scoring } from '../analysis/importance/index.js';
import type { Model } from '../ir/model.js';
import { finish } from '../ir/steps.js';
import { assemble } from './assemble.js';
import type { Transformed } from './concat.js';
import { candidatesOf, poolsOf, type Scope } from './pools.js';
import { checkSizes, chooser, keptAt, type RankedGroup, selectAll, selectionOf } from './select.js';
import { normalisedWeights } from './shares.js';
import { type Proof, proofsOf, putSideBySide } from './side-by-side.js';

export const STRATEGIES = ['joint', 'iterative', 'hierarchical'] as const;
/** In which order members are fused: all at once, one after the other, or in halves. */
export type Strategy = (typeof STRATEGIES)[number];

/** How to transplant. */
export interface TransplantOptions extends ImportanceOptions {
  readonly strategy: Strategy;
  readonly scope: Scope;
  /** The model whose graph and widths the output has; the first member where it is left out. */
  readonly like?: Model;
  /** Share of all members' neurons to drop in each group, instead of the widths of `like`. */
  readonly ratio?: number;
  readonly weights?: readonly number[];
  /** Largest share of neurons from members other than the first; 1 for no limit. */
  readonly transfer: number;
  readonly exact: boolean;
}

/** A fused model, and what each step kept. */
export interface Transplanted extends Transformed {
  /** The rankings of each step, one for the joint strategy. */
  readonly rankings: readonly (readonly RankedGroup[])[];
}

/** Fuses the members. Throws what `putSideBySide`, `scoring`, `checkSizes` and `assemble` throw. */
export const transplant = (members: readonly Model[], options: TransplantOptions): Transplanted =>
  finish(transplantSteps(members, options));

/** The same in steps, for work that may be stopped. */
export function transplantSteps(members: readonly Model[], options: TransplantOptions): Steps {
  const template = options.like ?? (members[0] as Model);
  const { weights: given, ...rest } = options;
  const shares = normalisedWeights(given, members.length);
  const step = (part: readonly Model[], weights: readonly number[] | undefined) =>
    joint(part, template, weights ? { ...rest, weights } : rest);
  switch (options.strategy) {
    case 'joint':
      return step(members, shares);
    case 'iterative':
      return iterative(members, shares, step);
    case 'hierarchical':
      return hierarchical(members, shares, step);
  }
}

type Steps = Generator<void, Transplanted>;

type Step = (members: readonly Model[], weights: readonly number[] | undefined) => Steps;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Weights of a step; where all are 0 the step does not count later, and is done without. */
const positive = (weights: readonly number[] | undefined) => (weights && sum(weights) > 0 ? weights : undefined);

/** Rankings and proofs in the order of the steps; the notes once. */
function joined(model: Model, steps: readonly Transplanted[]): Transplanted {
  const proofs: readonly Proof[] = steps.flatMap((each) => each.proofs);
  const notes = new Set(steps.flatMap((each) => each.notes));
  return { model, notes: [...notes], proofs, rankings: steps.flatMap((each) => each.rankings) };
}

/** ((m0 + m1) + m2) + .. */
function* iterative(members: readonly Model[], weights: readonly number[] | undefined, step: Step): Steps {
  const steps: Transplanted[] = [];
  let fused = members[0] as Model;
  for (let i = 1; i < Math.max(2, members.length); i++) {
    const shares = weights && [sum(weights.slice(0, i)), weights[i] as number];
    const made = yield* step([fused, ...members.slice(i, i + 1)], positive(shares));
    steps.push(made);
    fused = made.model;
  }
  return joined(fused, steps);
}

/** Halves while there are four or more; two or three are fused jointly. */
function* hierarchical(members: readonly Model[], weights: readonly number[] | undefined, step: Step): Steps {
  if (members.length < 4) return yield* step(members, weights);
  const half = Math.floor(members.length / 2);
  const left = yield* hierarchical(members.slice(0, half), positive(weights?.slice(0, half)), step);
  const right = yield* hierarchical(members.slice(half), positive(weights?.slice(half)), step);
  const shares = weights && [sum(weights.slice(0, half)), sum(weights.slice(half))];
  const top = yield* step([left.model, right.model], shares);
  return joined(top.model, [left, right, top]);
}

function* joint(members: readonly Model[], template: Model, options: TransplantOptions): Steps {
  const side = putSideBySide(members, template, options.exact, options.weights);
  const { family, roles, shareOf } = side;
  const { ratio, scope, transfer } = options;
  const scores = yield* scoring(family, roles, shareOf, options);
  const candidates = candidatesOf(selectAll(family), scores, normaliserOf(options.importance));
  const sizes = family.template.groups.map((group) => {
    const all = sum(family.members.map((member) => member.widths[group.id] as number));
    return ratio === undefined ? group.size : keptAt(all, ratio);
  });
  checkSizes(family, candidates, sizes);
  const kept = chooser(candidates, { transfer })(poolsOf(sizes, scope));
  const { selection, ranking } = selectionOf(family, candidates, kept);
  return {
    model: assemble(family, roles, selection, shareOf),
    notes: side.notes,
    proofs: proofsOf(side),
    rankings: [ranking],
  };
}
