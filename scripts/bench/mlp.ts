/** Random MLPs 3072-w-w-10 as PyTorch exports them: Gemm with transB, biases, ReLU between. */
import type { Model, Node } from '../../lib/ir/model.js';
import { int, modelOf, node, tensor, weights } from './parts.js';

const INPUT = 3072;
const CLASSES = 10;

const gemm = (x: string, layer: string, y: string): Node =>
  node('Gemm', [x, `${layer}.weight`, `${layer}.bias`], y, [int('transB', 1)]);

/** The MLP of one seed. */
export function randomMlp(width: number, seed: number): Model {
  const sizes = [INPUT, width, width, CLASSES];
  const initializers = sizes
    .slice(1)
    .flatMap((size, i) => [
      tensor(`fc${i + 1}.weight`, [size, sizes[i] as number], weights(size, sizes[i] as number, seed * 10 + i)),
      tensor(`fc${i + 1}.bias`, [size], weights(1, size, seed * 10 + i + 5)),
    ]);
  const nodes = [
    gemm('input', 'fc1', 'a'),
    node('Relu', ['a'], 'b'),
    gemm('b', 'fc2', 'c'),
    node('Relu', ['c'], 'd'),
    gemm('d', 'fc3', 'logits'),
  ];
  return modelOf(`mlp-${width}-${seed}`, [INPUT], CLASSES, nodes, initializers);
}
