/** Networks drafted layer by layer, with weights of any numbers. */
import type { Node, Tensor } from '../../lib/ir/model.js';
import { int, ints, node, tensor, weights } from './parts.js';

/** Gives a layer's numbers: `rows` times `columns` of them. */
export type Numbers = (rows: number, columns: number) => Float32Array;

/** Other numbers for every layer. */
export function randomNumbers(): Numbers {
  let seed = 0;
  return (rows, columns) => weights(rows, columns, ++seed);
}

/** Nodes and weights as they come; each layer is added behind a value and answers the value that it makes. */
export class Draft {
  readonly nodes: Node[] = [];
  readonly initializers: Tensor[] = [];

  constructor(private readonly numbers: Numbers) {}

  private weight(name: string, dims: readonly number[]): string {
    const [rows = 1, ...rest] = dims;
    this.initializers.push(
      tensor(
        name,
        dims,
        this.numbers(
          rows,
          rest.reduce((a, b) => a * b, 1),
        ),
      ),
    );
    return name;
  }

  /** Variances must be positive. */
  private ones(name: string, size: number): string {
    this.initializers.push(tensor(name, [size], new Float32Array(size).fill(1)));
    return name;
  }

  add(opType: string, inputs: readonly string[], output: string, attributes: Parameters<typeof node>[3] = []): string {
    this.nodes.push(node(opType, inputs, output, attributes));
    return output;
  }

  convNorm(x: string, name: string, from: number, to: number, kernel: number, stride = 1): string {
    const pad = (kernel - 1) / 2;
    const conv = this.add('Conv', [x, this.weight(`${name}.weight`, [to, from, kernel, kernel])], `${name}.conv`, [
      ints('kernel_shape', [kernel, kernel]),
      ints('strides', [stride, stride]),
      ints('pads', [pad, pad, pad, pad]),
    ]);
    const norm = [this.ones(`${name}.gamma`, to), this.weight(`${name}.beta`, [to]), this.weight(`${name}.mean`, [to])];
    return this.add('BatchNormalization', [conv, ...norm, this.ones(`${name}.var`, to)], `${name}.norm`);
  }

  /** With a bias, and padding on all sides. */
  conv(x: string, name: string, from: number, to: number, kernel: number, pad: number): string {
    const [weight, bias] = [
      this.weight(`${name}.weight`, [to, from, kernel, kernel]),
      this.weight(`${name}.bias`, [to]),
    ];
    return this.add('Conv', [x, weight, bias], name, [
      ints('kernel_shape', [kernel, kernel]),
      ints('pads', [pad, pad, pad, pad]),
    ]);
  }

  /** Windows of 2 x 2. */
  pool(x: string): string {
    return this.add('MaxPool', [x], `${x}.pool`, [ints('kernel_shape', [2, 2]), ints('strides', [2, 2])]);
  }

  linear(x: string, name: string, from: number, to: number, output = name): string {
    const [weight, bias] = [this.weight(`${name}.weight`, [to, from]), this.weight(`${name}.bias`, [to])];
    return this.add('Gemm', [x, weight, bias], output, [int('transB', 1)]);
  }

  /** A linear layer without bias, as a MatMul. */
  product(x: string, name: string, from: number, to: number, output = name): string {
    return this.add('MatMul', [x, this.weight(`${name}.weight`, [from, to])], output);
  }

  relu(x: string): string {
    return this.add('Relu', [x], `${x}.relu`);
  }

  /** Adds what `shortcut` answers to `branch`. */
  join(branch: string, shortcut: string): string {
    return this.relu(this.add('Add', [branch, shortcut], `${branch}.sum`));
  }

  head(x: string, width: number, classes: number): void {
    const flat = this.add('Flatten', [this.add('GlobalAveragePool', [x], 'pool')], 'flat');
    this.linear(flat, 'fc', width, classes, 'logits');
  }
}
