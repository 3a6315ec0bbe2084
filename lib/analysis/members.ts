/**
 * The members of a fusion, all told in the template's terms: the template's names, layouts and neuron groups, each
 * member's own weights and widths.
 */
import { membersDiffer, quoted } from '../errors.js';
import { constantsOf } from '../ir/constants.js';
import type { Model, Tensor } from '../ir/model.js';
import { transposeTensor } from '../ir/transpose.js';
import type { FactorPolicy } from './composites.js';
import { type Correspondence, type Counterpart, matchMembers } from './correspondence.js';
import type { Labels } from './groups.js';
import { expectSameInterface } from './interface.js';
import { findNeurons, type Neurons } from './neurons.js';

/** One member in the template's terms. */
export interface Member {
  readonly model: Model;
  /** Neurons in each of the template's groups. */
  readonly widths: readonly number[];
  /** See `Correspondence.proved`. */
  readonly proved: boolean;
  /** The member's own name for a constant of the template; undefined where it has none. */
  nameOf(name: string): string | undefined;
  /** The member's tensor for a constant of the template, in the template's layout; undefined where it has none. */
  tensor(name: string): Tensor | undefined;
  /** The template's groups on an axis of that tensor; undefined where the axis holds no neuron. */
  labels(name: string, axis: number): Labels | undefined;
}

export interface Family {
  readonly template: Neurons;
  readonly members: readonly Member[];
}

/** Brings members into the template's terms. Throws MEMBERS_DIFFER, SHAPE_CONFLICT. */
export function gatherFamily(template: Model, members: readonly Model[], policy: FactorPolicy = 'outer'): Family {
  const neurons = findNeurons(template, policy);
  const known = new Map<Model, Neurons>([[template, neurons]]);
  for (const member of members) if (!known.has(member)) known.set(member, findNeurons(member, policy));
  return { template: neurons, members: members.map((member) => asMember(neurons, known.get(member) as Neurons)) };
}

function asMember(template: Neurons, own: Neurons): Member {
  expectSameInterface(template, own);
  const match: Correspondence = matchMembers(template, own);
  const constants = constantsOf(own.model.graph);
  const at = (name: string, axis: number) => {
    const counterpart = match.constants.get(name);
    if (!counterpart) return undefined;
    return own.labels(counterpart.name, counterpart.transposed ? 1 - axis : axis - counterpart.lead);
  };
  const groups = matchGroups(template, own, at);
  const byId = new Map(groups.map((group, index) => [group.id, { index, neuron: group.neuron }]));
  const made = new Map<string, Tensor>();
  return {
    model: own.model,
    proved: match.proved,
    widths: groups.map((group) => group.size),
    nameOf: (name) => match.constants.get(name)?.name,
    tensor: (name) => {
      const counterpart = match.constants.get(name);
      const tensor = counterpart && constants.get(counterpart.name);
      if (!counterpart || !tensor || (!counterpart.transposed && counterpart.lead === 0)) return tensor;
      if (!made.has(name)) made.set(name, inTemplateForm(tensor, name, counterpart));
      return made.get(name);
    },
    labels: (name, axis) => {
      const labels = at(name, axis);
      return labels && relabel(labels, byId);
    },
  };
}

function inTemplateForm(tensor: Tensor, name: string, { transposed, lead }: Counterpart): Tensor {
  if (transposed) return transposeTensor(tensor, name);
  const dims = lead > 0 ? [...Array.from({ length: lead }, () => 1), ...tensor.dims] : tensor.dims.slice(-lead);
  return { ...tensor, name, dims };
}

/** A member's group that answers to one of the template's: its own id, and the new number of each of its neurons. */
interface OwnGroup {
  readonly id: number;
  readonly size: number;
  readonly neuron: Int32Array;
}

/** Groups on an axis, in the order in which they first occur. */
const groupsOn = (labels: Labels | undefined): readonly number[] =>
  [...new Set(labels?.group)].filter((group) => group >= 0);

/** Groups correspond through the constants on whose axes they lie. */
function matchGroups(
  template: Neurons,
  own: Neurons,
  at: (name: string, axis: number) => Labels | undefined,
): readonly OwnGroup[] {
  const [pairs, back] = [new Map<number, number>(), new Map<number, number>()];
  const constants = constantsOf(template.model.graph);
  for (const [name, tensor] of constants) {
    for (const axis of tensor.dims.keys()) {
      const [ours, theirs] = [groupsOn(template.labels(name, axis)), groupsOn(at(name, axis))];
      if (ours.length !== theirs.length) throw differentNeurons(template, own, name, axis);
      ours.forEach((group, i) => {
        const other = theirs[i] as number;
        if ((pairs.get(group) ?? other) !== other || (back.get(other) ?? group) !== group) {
          throw differentNeurons(template, own, name, axis);
        }
        pairs.set(group, other);
        back.set(other, group);
      });
    }
  }
  return template.groups.map((group): OwnGroup => {
    const id = pairs.get(group.id) ?? -1;
    const size = own.groups[id]?.size;
    const labels = at(group.reference.value, group.reference.axis);
    if (size === undefined || !labels) throw differentNeurons(template, own, group.name, group.reference.axis);
    return { id, size, neuron: numberAlong(labels, id, size) };
  });
}

/** Numbers the neurons of a group in the order in which they stand on an axis. */
function numberAlong(labels: Labels, group: number, size: number): Int32Array {
  const numbers = new Int32Array(size).fill(-1);
  let next = 0;
  for (let p = 0; p < labels.group.length; p++) {
    const neuron = labels.neuron[p] as number;
    if (labels.group[p] === group && numbers[neuron] === -1) numbers[neuron] = next++;
  }
  // Neurons that a reference axis does not show (a group made by several layers in turn) keep their own order behind.
  for (let neuron = 0; neuron < size; neuron++) if (numbers[neuron] === -1) numbers[neuron] = next++;
  return numbers;
}

/** Labels in the template's numbers of groups and neurons. */
function relabel(labels: Labels, byId: ReadonlyMap<number, { index: number; neuron: Int32Array }>): Labels {
  const to = (p: number) => byId.get(labels.group[p] as number);
  return {
    group: labels.group.map((_, p) => to(p)?.index ?? -1),
    neuron: labels.neuron.map((neuron, p) => to(p)?.neuron[neuron] ?? -1),
  };
}

const differentNeurons = (template: Neurons, own: Neurons, name: string, axis: number) =>
  membersDiffer(
    `axis ${axis} of ${quoted(name)} holds other neurons in ${template.model.label} than in ${own.model.label}`,
  );
