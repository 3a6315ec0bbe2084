/** Residual networks with BatchNormalization as PyTorch exports them without folding. */
import type { Model, Node, Tensor } from '../../lib/ir/model.js';
import { int, ints, modelOf, node, tensor, weights } from './parts.js';

/** Gives a layer's numbers: `rows` times `columns` of them. */
export type Numbers = (rows: number, columns: number) => Float32Array;

/** Other numbers for every layer. */
export function randomNumbers(): Numbers {
  let seed = 0;
  return (rows, columns) => weights(rows, columns, ++seed);
}

/** Nodes and weights as they come; each layer is added behind a value and answers the value that it makes. */
class Draft {
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

  relu(x: string): string {
    return this.add('Relu', [x], `${x}.relu`);
  }

  /** Adds what `shortcut` answers to `branch`. */
  join(branch: string, shortcut: string): string {
    return this.relu(this.add('Add', [branch, shortcut], `${branch}.sum`));
  }

  head(x: string, width: number, classes: number): void {
    const flat = this.add('Flatten', [this.add('GlobalAveragePool', [x], 'pool')], 'flat');
    const [weight, bias] = [this.weight('fc.weight', [classes, width]), this.weight('fc.bias', [classes])];
    this.add('Gemm', [flat, weight, bias], 'logits', [int('transB', 1)]);
  }
}

/** torchvision's ResNet-50: 25.6 million parameters. */
export function resnet50(numbers: Numbers = randomNumbers()): Model {
  const draft = new Draft(numbers);
  const stem = draft.relu(draft.convNorm('input', 'stem', 3, 64, 7, 2));
  let x = draft.add('MaxPool', [stem], 'stem.pool', [
    ints('kernel_shape', [3, 3]),
    ints('strides', [2, 2]),
    ints('pads', [1, 1, 1, 1]),
  ]);
  let from = 64;
  for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
    const [inner, outer] = [64 * 2 ** stage, 256 * 2 ** stage];
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const narrow = draft.relu(draft.convNorm(x, `${name}.1`, from, inner, 1));
      const middle = draft.relu(draft.convNorm(narrow, `${name}.2`, inner, inner, 3, stride));
      const shortcut = block === 0 ? draft.convNorm(x, `${name}.down`, from, outer, 1, stride) : x;
      x = draft.join(draft.convNorm(middle, `${name}.3`, inner, outer, 1), shortcut);
      from = outer;
    }
  }
  draft.head(x, from, 1000);
  return modelOf('resnet-50', [3, 224, 224], 1000, draft.nodes, draft.initializers);
}

/** Nodes of a block of `deepResnet`. */
const BLOCK = 7;

/** A chain of basic blocks, about so many nodes, in as many stages as there are widths. */
export function deepResnet(nodes: number, widths: readonly number[], numbers: Numbers): Model {
  const draft = new Draft(numbers);
  const blocks = Math.floor(nodes / BLOCK / widths.length);
  let from = widths[0] as number;
  let x = draft.relu(draft.convNorm('input', 'stem', 3, from, 3));
  for (const [stage, width] of widths.entries()) {
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      const first = draft.relu(draft.convNorm(x, `${name}.1`, from, width, 3));
      const shortcut = from === width ? x : draft.convNorm(x, `${name}.down`, from, width, 1);
      x = draft.join(draft.convNorm(first, `${name}.2`, width, width, 3), shortcut);
      from = width;
    }
  }
  draft.head(x, from, 10);
  return modelOf(`resnet-${draft.nodes.length}`, [3, 32, 32], 10, draft.nodes, draft.initializers);
}
