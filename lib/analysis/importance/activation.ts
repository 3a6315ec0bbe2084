/**
 * Importance by what the next layers read on data: the mean square of a neuron's activation times the squared norm of the weights
 * that read it, which is how much of the next pre-activations it makes if neurons are taken to be uncorrelated. Of neurons
 * that no constant weight reads (the queries and keys of an attention) the mean square of what their layers make counts.
 */
import { usage } from '../../errors.js';
import type { Labels, NodeLayer } from '../groups.js';
import type { Member } from '../members.js';
import type { Measure, Scene, Term } from './measure.js';
import { type Moments, momentKey } from './moments.js';
import { closingScale, finiteEnergy } from './terms.js';

export const activation: Measure = function* (scene) {
  const { members } = scene.family;
  const { moments } = scene.options;
  if (moments?.length !== members.length) throw usage('--importance activation needs data', 'Give it with --data.');
  const terms: (readonly Term[])[] = [];
  for (const [m, member] of members.entries()) {
    terms.push(memberTerms(scene, member, moments[m] as Moments));
    yield;
  }
  return terms;
};

function memberTerms(scene: Scene, member: Member, moments: Moments): readonly Term[] {
  const { layers } = scene.family.template;
  const read = layers.flatMap((layer) => readTerm(scene, member, layer, moments) ?? []);
  const covered = new Set(read.flatMap(({ tensor, axis }) => [...new Set(member.labels(tensor, axis)?.group)]));
  const made = layers.flatMap((layer): readonly Term[] => {
    const labels = member.labels(layer.weight, layer.out);
    const sums = labels && moments.get(momentKey(layer.output));
    if (!labels || !sums || labels.group.length !== sums.length) return [];
    if (![...new Set(labels.group)].some((group) => group >= 0 && !covered.has(group))) return [];
    return [{ tensor: layer.weight, axis: layer.out, sums }];
  });
  return [...read, ...made];
}

/** What a layer reads of each position of its input axis. */
function readTerm(scene: Scene, member: Member, layer: NodeLayer, moments: Moments): Term | undefined {
  const tensor = member.tensor(layer.weight);
  const labels = member.labels(layer.weight, layer.in);
  const squares = moments.get(momentKey(layer.input));
  if (layer.depthwise || !tensor || !labels || !squares || squares.length % labels.group.length !== 0) return undefined;
  const weigh = closingScale(scene, member, tensor, layer, 2);
  const { second } = finiteEnergy(scene, member, tensor, [layer.out, layer.in], 2, weigh);
  const means = meanOfGroups(squares, labels);
  return { tensor: layer.weight, axis: layer.in, sums: second.map((energy, p) => energy * (means[p] as number)) };
}

/** A grouped layer reads a position of its weight's axis in every group: their mean. */
function meanOfGroups(squares: Float64Array, { group }: Labels): Float64Array {
  const [length, groups] = [group.length, squares.length / group.length];
  if (groups === 1) return squares;
  const means = new Float64Array(length);
  squares.forEach((square, p) => {
    means[p % length] = (means[p % length] as number) + square / groups;
  });
  return means;
}
