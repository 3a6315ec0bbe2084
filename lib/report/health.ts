/** What is wrong with weights: NaN and infinity, and neurons that nothing reaches. */
import { energyAlong } from '../analysis/energy.js';
import type { NodeLayer } from '../analysis/groups.js';
import { constantsOf } from '../ir/constants.js';
import { byteLength, REAL_TYPES } from '../ir/dtype.js';
import type { Model, Tensor } from '../ir/model.js';
import { realsOf } from '../ir/numeric.js';
import { graphsOf } from '../ir/walk.js';

/** A tensor with entries that are no numbers. */
export interface Nonfinite {
  readonly tensor: string;
  readonly nan: number;
  readonly infinite: number;
}

/** Output positions of a weight whose row is all zero, so that its neurons do not depend on the input. */
export interface DeadNeurons {
  readonly weight: string;
  readonly axis: number;
  readonly positions: readonly number[];
  /** How many positions the axis has. */
  readonly of: number;
}

/** What is wrong with the weights; nothing where both lists are empty. */
export interface Health {
  readonly nonfinite: readonly Nonfinite[];
  readonly dead: readonly DeadNeurons[];
}

function countNonfinite(tensor: Tensor): Nonfinite | undefined {
  let [nan, infinite] = [0, 0];
  for (const piece of tensor.data?.pieces(byteLength(tensor.dtype, 1) ?? 1) ?? []) {
    for (const value of realsOf(piece, tensor.dtype, tensor.name)) {
      if (Number.isFinite(value)) continue;
      if (Number.isNaN(value)) nan++;
      else infinite++;
    }
  }
  return nan + infinite > 0 ? { tensor: tensor.name, nan, infinite } : undefined;
}

/** A tensor to look at, and the layer whose weight it is. */
export interface Patient {
  readonly tensor: Tensor;
  readonly layer: NodeLayer | undefined;
}

/** All constant tensors of a model; those of subgraphs are no layer's weight. */
export const patientsOf = (model: Model, layers: ReadonlyMap<string, NodeLayer>): readonly Patient[] =>
  [...graphsOf(model.graph)].flatMap((graph) =>
    [...constantsOf(graph).values()].map((tensor) => ({
      tensor,
      layer: graph === model.graph ? layers.get(tensor.name) : undefined,
    })),
  );

/** Looks at one tensor. Other types than the real ones are healthy. */
export function tensorHealth({ tensor, layer }: Patient): Health {
  if (!REAL_TYPES.has(tensor.dtype) || !tensor.data) return { nonfinite: [], dead: [] };
  const energy = layer && energyAlong(tensor, layer.out, layer.out, 1);
  const nonfinite = energy?.finite ? undefined : countNonfinite(tensor);
  const positions = energy ? [...energy.first.keys()].filter((at) => energy.first[at] === 0) : [];
  return {
    nonfinite: nonfinite ? [nonfinite] : [],
    dead:
      layer && positions.length > 0
        ? [{ weight: tensor.name, axis: layer.out, positions, of: tensor.dims[layer.out] ?? 0 }]
        : [],
  };
}
