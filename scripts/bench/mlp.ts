/** Random MLPs 3072-w-w-10 as PyTorch exports them: Gemm with transB, biases, ReLU between. */
import { memoryBytes } from '../../lib/ir/bytes.js';
import { symbol } from '../../lib/ir/dim.js';
import { FLOAT } from '../../lib/ir/dtype.js';
import type { Attribute, Model, Node, Tensor } from '../../lib/ir/model.js';
import { seeded } from '../../lib/ir/random.js';

const INPUT = 3072;
const CLASSES = 10;

/** Uniform numbers of He's variance. A block of them is made once and repeated with another offset for each row. */
function weights(rows: number, columns: number, seed: number): Float32Array {
  const random = seeded(seed);
  const bound = Math.sqrt(6 / columns);
  const block = Float32Array.from({ length: 65_537 }, () => (2 * random() - 1) * bound);
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const scale = 0.5 + random();
    const shift = Math.floor(random() * block.length);
    for (let c = 0; c < columns; c++) data[row * columns + c] = scale * (block[(c + shift) % block.length] as number);
  }
  return data;
}

function tensor(name: string, dims: readonly number[], data: Float32Array): [string, Tensor] {
  return [name, { name, dtype: FLOAT, dims, data: memoryBytes(new Uint8Array(data.buffer)) }];
}

const node = (
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: [string, Attribute][] = [],
): Node => ({
  name: output,
  opType,
  domain: '',
  inputs,
  outputs: [output],
  attributes: new Map(attributes),
});

const gemm = (x: string, layer: string, y: string): Node =>
  node('Gemm', [x, `${layer}.weight`, `${layer}.bias`], y, [['transB', { type: 'int', value: 1 }]]);

/** The MLP of one seed. */
export function randomMlp(width: number, seed: number): Model {
  const sizes = [INPUT, width, width, CLASSES];
  const initializers = sizes
    .slice(1)
    .flatMap((size, i) => [
      tensor(`fc${i + 1}.weight`, [size, sizes[i] as number], weights(size, sizes[i] as number, seed * 10 + i)),
      tensor(`fc${i + 1}.bias`, [size], weights(1, size, seed * 10 + i + 5)),
    ]);
  return {
    label: `mlp-${width}-${seed}`,
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'bench',
    functions: [],
    metadata: new Map(),
    graph: {
      name: 'mlp',
      nodes: [
        gemm('input', 'fc1', 'a'),
        node('Relu', ['a'], 'b'),
        gemm('b', 'fc2', 'c'),
        node('Relu', ['c'], 'd'),
        gemm('d', 'fc3', 'logits'),
      ],
      inputs: [{ name: 'input', dtype: FLOAT, shape: [symbol('batch'), INPUT] }],
      outputs: [{ name: 'logits', dtype: FLOAT, shape: [symbol('batch'), CLASSES] }],
      valueInfo: [],
      initializers: new Map(initializers),
      sparseInitializers: [],
    },
  };
}
