/**
 * Operators that scale and shift each channel by constants: a layer in front can take them up. One row an operator; this is
 * how members whose exporter kept BatchNormalization are brought into the form of those whose exporter folded it.
 */
import type { Node, Tensor } from '../ir/model.js';
import { floatOf, intOf } from '../ir/nodes.js';
import { tensorReals } from '../ir/numeric.js';
import { type Row, rows, type Table, tableOf } from './table.js';

/** y = scale * x + shift along axis 1 of x. */
export interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** Answers undefined where the node does something else, or with values that are no constants. */
export type AffineRule = (node: Node, constant: (name: string) => Tensor | undefined) => Affine | undefined;

/** Whether a BatchNormalization takes the statistics of its batch: as it is told since ONNX 14, before by its further outputs. */
export const usesBatch = (node: Node): boolean =>
  intOf(node, 'training_mode', 0) === 1 || node.outputs.slice(1).some((name) => name !== '');

/** BatchNormalization for inference (ONNX 15): y = (x - mean) / sqrt(var + epsilon) * scale + bias. */
const batchNormalization: AffineRule = (node, constant) => {
  const tensors = node.inputs.slice(1, 5).map(constant);
  if (usesBatch(node) || tensors.some((tensor) => tensor === undefined)) return undefined;
  const [gamma, beta, mean, variance] = (tensors as readonly Tensor[]).map(tensorReals);
  if (!gamma || !beta || !mean || !variance) return undefined;
  const epsilon = floatOf(node, 'epsilon', 1e-5);
  const scale = Float64Array.from(gamma, (g, i) => g / Math.sqrt((variance[i] as number) + epsilon));
  return { scale, shift: scale.map((s, i) => (beta[i] as number) - s * (mean[i] as number)) };
};

export const AFFINE_RULES: Table<AffineRule> = tableOf<AffineRule>([
  ...rows(['BatchNormalization'], batchNormalization),
] satisfies readonly Row<AffineRule>[]);
