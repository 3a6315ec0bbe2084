/**
 * Importance by gradients: to first order, how much the loss changes without a neuron. torch-pruning's GroupTaylorImportance:
 * the mean over the layers of a group of the sums of |w g|. The gradients come from outside.
 */
import { dtypeUnsupported, membersDiffer, quoted, usage } from '../../errors.js';
import { lazyBytes } from '../../ir/bytes.js';
import { byteLength, DOUBLE, dtypeName } from '../../ir/dtype.js';
import type { Tensor } from '../../ir/model.js';
import { bytesOf, elementCount, realsOf } from '../../ir/numeric.js';
import type { Member } from '../members.js';
import type { Measure, Scene, Term } from './measure.js';
import { closingScale, countedLayers, finiteEnergy } from './terms.js';

type Gradients = ReadonlyMap<string, Tensor>;

export const taylor: Measure = function* (scene) {
  const { members } = scene.family;
  const { gradients } = scene.options;
  if (gradients?.length !== members.length) {
    throw usage('importance taylor needs the gradients of every member', 'Give them, or use activation or l2.');
  }
  const terms: (readonly Term[])[] = [];
  for (const [m, member] of members.entries()) {
    terms.push(memberTerms(scene, member, gradients[m] as Gradients));
    yield;
  }
  return terms;
};

function memberTerms(scene: Scene, member: Member, gradients: Gradients): readonly Term[] {
  const layers = countedLayers(scene).flatMap(({ layer, sides: own }): readonly Term[] => {
    const tensor = member.tensor(layer.weight);
    const sides = own.filter((axis) => member.labels(layer.weight, axis));
    if (!tensor || sides.length === 0) return [];
    const change = changeOf(tensor, gradients.get(layer.weight));
    const weigh = closingScale(scene, member, tensor, layer, 1);
    const { first, second } = finiteEnergy(scene, member, change, [layer.out, layer.in], 1, weigh);
    return sides.map((axis) => ({ tensor: layer.weight, axis, sums: axis === layer.out ? first : second }));
  });
  const seen = new Set<string>();
  const scales = scene.family.template.scales.flatMap(({ at }): readonly Term[] => {
    const tensor = member.tensor(at.value);
    if (!tensor || seen.has(at.value) || !member.labels(at.value, at.axis)) return [];
    seen.add(at.value);
    const change = changeOf(tensor, gradients.get(at.value));
    return [
      { tensor: at.value, axis: at.axis, sums: finiteEnergy(scene, member, change, [at.axis, at.axis], 1).first },
    ];
  });
  return [...layers, ...scales];
}

/** The products w g, made when they are read. Throws MEMBERS_DIFFER where the gradient is missing or has another shape. */
function changeOf(weight: Tensor, gradient: Tensor | undefined): Tensor {
  const { name, dims } = weight;
  if (!gradient || gradient.dims.join() !== dims.join()) {
    const there = gradient ? `has shape [${gradient.dims.join(', ')}]` : 'is missing';
    throw membersDiffer(
      `the gradient of ${quoted(name)}, which has shape [${dims.join(', ')}], ${there}`,
      'Give one gradient for each weight, by its name.',
    );
  }
  const read = ({ data, dtype, name: own }: Tensor, from: number, to: number) => {
    const size = byteLength(dtype, 1);
    if (!data || !size) throw dtypeUnsupported(own, dtypeName(dtype), 'score it');
    return realsOf(data.read(from * size, to * size), dtype, own);
  };
  const data = lazyBytes(elementCount(dims) * 8, (start, end) => {
    const [w, g] = [read(weight, start / 8, end / 8), read(gradient, start / 8, end / 8)];
    return bytesOf(
      Float64Array.from(w, (value, i) => value * (g[i] as number)),
      DOUBLE,
      name,
    );
  });
  return { name, dtype: DOUBLE, dims, data };
}
