/** Importance by the size of weights: what makes a neuron, what reads it, and the scales of its normalisations. */
import type { Member } from '../members.js';
import type { Measure, Scene, Term } from './measure.js';
import { closingScale, countedLayers, finiteEnergy } from './terms.js';

/** torch-pruning's GroupMagnitudeImportance: rows and columns of |w|^p, and |gamma|^p; the mean of these is the score. */
export const magnitude = (p: 1 | 2): Measure =>
  function* (scene) {
    const terms: (readonly Term[])[] = [];
    for (const member of scene.family.members) {
      terms.push([...layerTerms(scene, member, p), ...scaleTerms(scene, member, p)]);
      yield;
    }
    return terms;
  };

/** The mean of |gamma| over the normalisations of a group. */
export const scalesAlone: Measure = function* (scene) {
  yield;
  return scene.family.members.map((member) => scaleTerms(scene, member, 1));
};

const layerTerms = (scene: Scene, member: Member, p: 1 | 2): readonly Term[] =>
  countedLayers(scene).flatMap(({ layer, sides: own }): readonly Term[] => {
    const tensor = member.tensor(layer.weight);
    const sides = own.filter((axis) => member.labels(layer.weight, axis));
    if (!tensor || sides.length === 0) return [];
    const weigh = closingScale(scene, member, tensor, layer, p);
    const energy = finiteEnergy(scene, member, tensor, [layer.out, layer.in], p, weigh);
    return sides.map((axis) => ({
      tensor: layer.weight,
      axis,
      sums: axis === layer.out ? energy.first : energy.second,
    }));
  });

function scaleTerms(scene: Scene, member: Member, p: 1 | 2): readonly Term[] {
  const seen = new Set<string>();
  return scene.family.template.scales.flatMap(({ at }): readonly Term[] => {
    const tensor = member.tensor(at.value);
    if (!tensor || seen.has(at.value) || !member.labels(at.value, at.axis)) return [];
    seen.add(at.value);
    const { first } = finiteEnergy(scene, member, tensor, [at.axis, at.axis], p);
    return [{ tensor: at.value, axis: at.axis, sums: first }];
  });
}
