/** What the models of the benchmarks are made of: nodes, and weights with random numbers. */
import { memoryBytes } from '../../lib/ir/bytes.js';
import { symbol } from '../../lib/ir/dim.js';
import { FLOAT } from '../../lib/ir/dtype.js';
import type { Attribute, Model, Node, Tensor } from '../../lib/ir/model.js';
import { seeded } from '../../lib/ir/random.js';

/** `rows` times `columns` uniform numbers of He's variance. A block of them is made once and repeated with another offset for each row. */
export function weights(rows: number, columns: number, seed: number): Float32Array {
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

export const tensor = (name: string, dims: readonly number[], data: Float32Array): Tensor => ({
  name,
  dtype: FLOAT,
  dims,
  data: memoryBytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
});

export const node = (
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly (readonly [string, Attribute])[] = [],
): Node => ({
  name: output,
  opType,
  domain: '',
  inputs,
  outputs: [output],
  attributes: new Map(attributes),
});

export const int = (name: string, value: number): [string, Attribute] => [name, { type: 'int', value }];

export const ints = (name: string, values: readonly number[]): [string, Attribute] => [
  name,
  { type: 'ints', value: values },
];

/** A model from `input` [batch, ..] to `logits` [batch, classes], opset 17. */
export const modelOf = (
  label: string,
  input: readonly number[],
  classes: number,
  nodes: readonly Node[],
  initializers: readonly Tensor[],
): Model => ({
  label,
  irVersion: 8,
  opsets: new Map([['', 17]]),
  producer: 'bench',
  functions: [],
  metadata: new Map(),
  graph: {
    name: label,
    nodes,
    inputs: [{ name: 'input', dtype: FLOAT, shape: [symbol('batch'), ...input] }],
    outputs: [{ name: 'logits', dtype: FLOAT, shape: [symbol('batch'), classes] }],
    valueInfo: [],
    initializers: new Map(initializers.map((each) => [each.name, each])),
    sparseInitializers: [],
  },
});
