/**
 * Masking: what pruning must compute, told without it. In the model of full width the removed neurons are zeroed in front of
 * every contraction, so that nothing reads them; where neurons do not see each other the pruned model computes the same.
 */
import type { Labels } from '../analysis/groups.js';
import type { Neurons } from '../analysis/neurons.js';
import type { Bytes } from '../ir/bytes.js';
import { lazyBytes } from '../ir/bytes.js';
import { constantsOf } from '../ir/constants.js';
import { byteLength } from '../ir/dtype.js';
import { replaceConstants } from '../ir/edit.js';
import type { Model, Tensor } from '../ir/model.js';
import { elementCount } from '../ir/numeric.js';

/** The model in which nothing reads the neurons that are not kept; `kept` has the numbers of those that are, for each group. */
export function mask({ model, layers, labels }: Neurons, kept: readonly (readonly number[])[]): Model {
  const sets = kept.map((neurons) => new Set(neurons));
  const isGone = ({ group, neuron }: Labels, position: number): boolean => {
    const own = sets[group[position] as number];
    return own !== undefined && !own.has(neuron[position] as number);
  };
  const constants = constantsOf(model.graph);
  const changed = new Map<string, Tensor>();
  for (const { weight, in: axis } of layers) {
    const own = labels(weight, axis);
    const tensor = changed.get(weight) ?? constants.get(weight);
    if (own && tensor)
      changed.set(
        weight,
        zeroedAlong(tensor, axis, (position) => isGone(own, position)),
      );
  }
  return { ...model, graph: replaceConstants(model.graph, changed) };
}

/** A tensor of a real type with the entries at some positions of an axis put to zero, when they are read. */
export function zeroedAlong(tensor: Tensor, axis: number, isGone: (position: number) => boolean): Tensor {
  const { data, dims, dtype } = tensor;
  const size = byteLength(dtype, elementCount(dims.slice(axis + 1)));
  if (!data || !size) return tensor;
  const gone = Array.from({ length: dims[axis] as number }, (_, position) => isGone(position));
  return { ...tensor, data: zeroedBytes(data, size, gone) };
}

/** Bytes in stretches of `size`, of which every one whose number, modulo the length of `gone`, is gone reads as zeros. */
const zeroedBytes = (data: Bytes, size: number, gone: readonly boolean[]): Bytes =>
  lazyBytes(data.length, (start, end) => {
    const bytes = new Uint8Array(data.read(start, end));
    for (let stretch = Math.floor(start / size); stretch * size < end; stretch++) {
      if (gone[stretch % gone.length]) bytes.fill(0, Math.max(0, stretch * size - start), (stretch + 1) * size - start);
    }
    return bytes;
  });
