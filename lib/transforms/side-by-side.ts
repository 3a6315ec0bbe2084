/** What every fusion of neurons starts from: the members in the template's terms, and whether they can stand side by side. */
import { type Family, gatherFamily, type Member } from '../analysis/members.js';
import { findNeurons, type Neurons } from '../analysis/neurons.js';
import { findRoles, type Roles } from '../analysis/roles.js';
import { noNeurons, notExact, opUnsupported, quoted, usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import { nodeText } from '../ir/nodes.js';
import { assemble, type ShareOf } from './assemble.js';
import { countAffine, foldAffine } from './fold.js';
import { differingNumbers, spreadElsewhere, spreadNumbers } from './per-neuron.js';
import { prepare } from './prepare.js';
import type { Selection } from './select.js';
import { differingShared } from './shared.js';
import { sharesOf, unevenShares } from './shares.js';
import { untieClosing } from './untie-closing.js';

export interface SideBySide {
  readonly family: Family;
  readonly roles: Roles;
  readonly shareOf: ShareOf;
  /** What a user should know: where the result is only nearly the mean, and what was done to match the members. */
  readonly notes: readonly string[];
}

/** A member and the same member in the template's graph: running both proves that the match is right. */
export interface Proof {
  readonly member: Model;
  readonly rebuilt: Model;
}

/** Throws USAGE for fewer than two members, MEMBERS_DIFFER, OP_UNSUPPORTED, and NOT_EXACT where `exact` asks for it. */
export function putSideBySide(
  members: readonly Model[],
  template: Model,
  exact: boolean,
  weights: readonly number[] | undefined,
): SideBySide {
  if (members.length < 2) throw usage('a fusion takes two models or more', 'Give the members, one after the other.');
  const split = new Map([...members, template].map((model) => [model, untieClosing(prepare(model))]));
  const own = (model: Model) => split.get(model) as Model;
  const { family, notes, found, differing } = gatherApart(members.map(own), own(template));
  const [blocked] = found.blocked;
  if (blocked) throw opUnsupported(nodeText(blocked[0]), `${blocked[1]}, and members' values flow into it`);
  const roles = { ...found, blended: new Set(differing) };
  expectNeurons(family, roles);
  const shareOf = sharesOf(family, weights);
  const approximations = [
    ...roles.approximations,
    ...blendedText(family, roles),
    ...unevenShares(family, roles, shareOf),
  ];
  if (exact && approximations.length > 0) throw notExact(approximations.join('; '));
  return { family, roles, shareOf, notes: [...notes, ...approximations] };
}

/** Members without neurons that differ elsewhere can only be averaged. Throws NO_NEURONS. */
function expectNeurons({ template }: Family, { blended }: Roles): void {
  const [name] = blended;
  if (name === undefined || template.groups.length > 0) return;
  throw noNeurons(
    template.model.label,
    `the members differ in ${quoted(name)}, which belongs to none; \`--method average\` may do`,
  );
}

/** How many names a note tells. */
const TOLD = 3;

/** What of the members' mean is in the output, and that it is not exact. */
function blendedText({ template }: Family, { blended }: Roles): readonly string[] {
  if (blended.size === 0) return [];
  const names = [...blended];
  const text = names.slice(0, TOLD).map((name) => `${quoted(name)}${fixedText(template, name)}`);
  const more = names.length > TOLD ? ` and ${names.length - TOLD} more` : '';
  return [`all neurons share ${text.join(', ')}${more}: the mean of the members' is taken`];
}

const fixedText = ({ facts, fixedWhy }: Neurons, name: string): string => {
  const rank = facts.get(name)?.shape?.length ?? 0;
  // The last axis: of a table of rows it is the one that makes neurons elsewhere.
  const reasons = [...Array(rank).keys()].flatMap((axis) => fixedWhy(name, axis) ?? []);
  const why = reasons.at(-1);
  return why === undefined ? '' : ` (${why})`;
};

const SPREAD = "numbers that all neurons share differ between members: each neuron has its own now, its member's";

interface Gathered extends Pick<SideBySide, 'family' | 'notes'> {
  /** The roles as the graph alone tells them. */
  readonly found: Roles;
  /** Constants that belong to no neuron and differ between members. */
  readonly differing: readonly string[];
}

/** The family of members; numbers that all neurons share and that differ between members stand once for each neuron. */
function gatherApart(members: readonly Model[], template: Model): Gathered {
  const fused = spreadNumbers(spreadElsewhere([...new Set([template, ...members])]), findNeurons);
  const first = gatherWith(fused, members, template);
  const numbers = differingNumbers(first.family, first.differing);
  const known = first.family.template;
  const apart = spreadNumbers(numbers, (model) => (model === known.model ? known : findNeurons(model)));
  const forms = first.family.members.map(({ model }) => model);
  const last = apart.size === 0 ? first : gatherWith(apart, forms, known.model);
  return apart.size + fused.size === 0 ? first : { ...last, notes: [...first.notes, SPREAD] };
}

/** The family of models, or of those that stand in their place. */
function gatherWith(forms: ReadonlyMap<Model, Model>, members: readonly Model[], template: Model): Gathered {
  const own = (model: Model) => forms.get(model) ?? model;
  const { family, notes } = gatherForms(members.map(own), own(template));
  const found = findRoles(family.template);
  return { family, notes, found, differing: differingShared(family, found) };
}

const FOLDED = 'some members have BatchNormalization folded into their layers: it was folded in all of them';

/**
 * The family of members in one form: untied, and, where one exporter kept normalisations that another folded into their
 * layers, with all of them folded (which changes how l2 and l1 rank neurons). Throws what `gatherFamily` throws.
 */
export function gatherForms(members: readonly Model[], template: Model): Pick<SideBySide, 'family' | 'notes'> {
  const untied = new Map([...members, template].map((model) => [model, prepare(model)]));
  const differ = new Set([...untied.values()].map(countAffine)).size > 1;
  const forms = new Map([...untied].map(([model, form]) => [model, differ ? foldAffine(form) : form]));
  const own = (model: Model) => forms.get(model) as Model;
  const family = gatherFamily(own(template), members.map(own));
  return { family, notes: differ ? [FOLDED] : [] };
}

/** Members whose match with the template the graphs alone do not prove, each rebuilt in the template's graph. */
export function proofsOf({ family, roles }: Pick<SideBySide, 'family' | 'roles'>): readonly Proof[] {
  return family.members
    .filter((member) => !member.proved)
    .map((member) => ({ member: member.model, rebuilt: rebuild(family, roles, member) }));
}

/** Members as they are in the template's graph, so that all have its names, with the proofs that this is what they were. */
export interface Aligned {
  readonly template: Model;
  readonly members: readonly Model[];
  readonly proofs: readonly Proof[];
  readonly notes: readonly string[];
}

/** Puts each member's parameters into the template's graph. Throws what `putSideBySide` throws. */
export function alignMembers(members: readonly Model[], template: Model, exact: boolean): Aligned {
  const { family, roles, notes } = putSideBySide(members, template, exact, undefined);
  return {
    template: family.template.model,
    members: family.members.map((member) => ({ ...rebuild(family, roles, member), label: member.model.label })),
    proofs: proofsOf({ family, roles }),
    notes,
  };
}

/** All neurons of one member in the template: the same function in another form. */
function rebuild(family: Family, roles: Roles, member: Member): Model {
  const alone: Family = { template: family.template, members: [member] };
  const all: Selection = family.template.groups.map((group) =>
    Array.from({ length: member.widths[group.id] as number }, (_, neuron) => ({ member: 0, neuron })),
  );
  return assemble(alone, roles, all, () => 1);
}
