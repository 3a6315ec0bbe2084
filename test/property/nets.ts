/** Random small networks: perceptrons and convolutional nets with the couplings that real ones have. */
import fc from 'fast-check';
import type { Blueprint } from '../support/build.js';
import { int64s, positive, type Weight } from '../support/weights.js';

const VECTOR = ['layer', 'residual', 'branches', 'twice', 'norm', 'gate', 'heads'] as const;
const IMAGE = [...VECTOR, 'depthwise', 'grouped', 'shuffle', 'excite', 'pool'] as const;
const FORMS = ['gemm', 'gemmT', 'gemmA', 'matmul', 'left'] as const;
type Form = (typeof FORMS)[number];

/** One step from neurons to neurons. `width` only says something of new neurons. */
interface Step {
  readonly kind: (typeof VECTOR)[number] | (typeof IMAGE)[number];
  readonly form: Form;
  readonly bias: boolean;
  readonly width: number;
  readonly act: 'Relu' | 'Tanh' | 'Sigmoid';
  readonly op: 'Concat' | 'Add' | 'Mul';
}

/** A network without its widths: `width` of a step is scaled by members of different size. */
export interface Net {
  readonly image: boolean;
  readonly first: Step;
  readonly convs: readonly Step[];
  readonly flatten: 'Flatten' | 'fixed' | 'last' | 'mean';
  readonly steps: readonly Step[];
  readonly last: Step;
}

const step = (kinds: readonly Step['kind'][]): fc.Arbitrary<Step> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    form: fc.constantFrom(...FORMS),
    bias: fc.boolean(),
    width: fc.integer({ min: 4, max: 7 }),
    act: fc.constantFrom('Relu' as const, 'Tanh' as const, 'Sigmoid' as const),
    op: fc.constantFrom('Concat' as const, 'Add' as const, 'Mul' as const),
  });

export const nets: fc.Arbitrary<Net> = fc.record({
  image: fc.boolean(),
  first: step(['layer']),
  convs: fc.array(step(IMAGE), { maxLength: 3 }),
  flatten: fc.constantFrom('Flatten' as const, 'fixed' as const, 'last' as const, 'mean' as const),
  steps: fc.array(step(VECTOR), { maxLength: 3 }),
  last: step(['layer']),
});

/** Collects the text of a network. */
class Writer {
  readonly nodes: string[] = [];
  readonly weights: Record<string, readonly number[] | Weight> = {};
  private count = 0;

  /** Axes: [batch, width] or [batch, width, side, side]. */
  constructor(
    private value: string,
    private width: number,
    /** Height and width of the image, 0 for vectors. */
    private side: number,
    private readonly wider: number,
  ) {}

  private name(stem: string): string {
    this.count += 1;
    return `${stem}${this.count}`;
  }

  private node(text: string): string {
    const made = this.name('v');
    this.nodes.push(`${made} = ${text}`);
    return made;
  }

  private weight(dims: readonly number[] | Weight): string {
    const name = this.name('w');
    this.weights[name] = dims;
    return name;
  }

  private linear(x: string, from: number, to: number, { form, bias }: Step): string {
    const c = bias ? this.weight([to]) : '';
    switch (form) {
      case 'gemm':
        return this.node(`Gemm(${x}, ${this.weight([from, to])}, ${c}) {alpha: 0.5, beta: 1.5}`);
      case 'gemmT':
        return this.node(`Gemm(${x}, ${this.weight([to, from])}, ${c}) {transB: 1}`);
      case 'gemmA':
        return this.node(`Gemm(${this.node(`Transpose(${x})`)}, ${this.weight([from, to])}, ${c}) {transA: 1}`);
      case 'matmul': {
        const product = this.node(`MatMul(${x}, ${this.weight([from, to])})`);
        return bias ? this.node(`Add(${c}, ${product})`) : product;
      }
      case 'left': {
        const product = this.node(`MatMul(${this.weight([to, from])}, ${this.node(`Transpose(${x})`)})`);
        const back = this.node(`Transpose(${product})`);
        return bias ? this.node(`Add(${back}, ${c})`) : back;
      }
    }
  }

  private conv(x: string, from: number, to: number, { bias }: Step): string {
    return this.node(
      `Conv(${x}, ${this.weight([to, from, 3, 3])}, ${bias ? this.weight([to]) : ''}) {pads: [1, 1, 1, 1]}`,
    );
  }

  /** The neurons on other axes, behind the batch and in front of height and width. */
  private reshape(x: string, axes: readonly number[]): string {
    const spatial = this.side > 0 ? [this.side, this.side] : [];
    return this.node(`Reshape(${x}, ${this.weight(int64s([-1, ...axes, ...spatial]))})`);
  }

  /** A layer to `to` neurons. */
  private layer(x: string, from: number, to: number, each: Step): string {
    return this.side > 0 ? this.conv(x, from, to, each) : this.linear(x, from, to, each);
  }

  step(each: Step): void {
    const [x, from] = [this.value, this.width];
    const to = each.width * this.wider;
    switch (each.kind) {
      case 'layer':
        this.value = this.node(`${each.act}(${this.layer(x, from, to, each)})`);
        this.width = to;
        return;
      case 'residual':
        this.value = this.node(`Add(${this.layer(this.node(`${each.act}(${x})`), from, from, each)}, ${x})`);
        return;
      case 'branches': {
        const [a, b] = [this.layer(x, from, to, each), this.layer(x, from, 4, each)];
        this.value = this.node(`Concat(${this.node(`${each.act}(${a})`)}, ${b}) {axis: 1}`);
        this.width = to + 4;
        return;
      }
      case 'twice':
        this.value = this.node(`${each.op}(${x}, ${x})${each.op === 'Concat' ? ' {axis: 1}' : ''}`);
        this.width = each.op === 'Concat' ? 2 * from : from;
        return;
      case 'norm': {
        const vectors = [[from], [from], [from], positive([from])].map((dims) => this.weight(dims));
        this.value = this.node(`BatchNormalization(${x}, ${vectors.join(', ')})`);
        return;
      }
      case 'gate': {
        const both = this.layer(x, from, 2 * to, each);
        const [a, b] = [this.name('v'), this.name('v')];
        this.nodes.push(`${a}, ${b} = Split(${both}) {axis: 1}`);
        this.value = this.node(`Mul(${a}, ${this.node(`Sigmoid(${b})`)})`);
        this.width = to;
        return;
      }
      case 'depthwise':
        this.value = this.node(`Conv(${x}, ${this.weight([from, 1, 3, 3])}) {group: ${from}, pads: [1, 1, 1, 1]}`);
        return;
      case 'grouped':
        // Two groups; an odd width stays.
        if (from % 2 === 1) return;
        this.value = this.node(`Conv(${x}, ${this.weight([2 * to, from / 2, 3, 3])}) {group: 2, pads: [1, 1, 1, 1]}`);
        this.width = 2 * to;
        return;
      case 'heads':
        if (from % 2 === 1) return;
        this.value = this.reshape(this.node(`${each.act}(${this.reshape(x, [2, from / 2])})`), [from]);
        return;
      case 'shuffle': {
        if (from % 2 === 1) return;
        const turned = this.node(`Transpose(${this.reshape(x, [2, from / 2])}) {perm: [0, 2, 1, 3, 4]}`);
        this.value = this.reshape(turned, [from]);
        return;
      }
      case 'excite': {
        const pooled = this.node(`ReduceMean(${x}) {axes: [2, 3], keepdims: 0}`);
        const scale = this.node(`Sigmoid(${this.linear(pooled, from, from, each)})`);
        this.value = this.node(`Mul(${x}, ${this.node(`Unsqueeze(${scale}, ${this.weight(int64s([2, 3]))})`)})`);
        return;
      }
      case 'pool':
        this.value = this.node(`MaxPool(${x}) {kernel_shape: [2, 2]}`);
        this.side -= 1;
    }
  }

  flatten(how: Net['flatten']): void {
    const columns = this.width * this.side * this.side;
    const target = () => this.weight(int64s([-1, columns]));
    switch (how) {
      case 'Flatten':
        this.value = this.node(`Flatten(${this.value})`);
        break;
      case 'fixed':
        this.value = this.node(`Reshape(${this.value}, ${target()})`);
        break;
      case 'last':
        this.value = this.node(`Reshape(${this.node(`Transpose(${this.value}) {perm: [0, 2, 3, 1]}`)}, ${target()})`);
        break;
      case 'mean':
        this.value = this.node(`ReduceMean(${this.value}) {axes: [2, 3], keepdims: 0}`);
        break;
    }
    this.width = how === 'mean' ? this.width : columns;
    this.side = 0;
  }

  close(each: Step): void {
    this.nodes.push(`y = Identity(${this.layer(this.value, this.width, 3, each)})`);
  }
}

/** Whether some step splits the neurons into heads or groups: these cannot always be laid out at another width. */
export const regroups = (net: Net): boolean =>
  [...(net.image ? net.convs : []), ...net.steps].some(({ kind }) => ['heads', 'shuffle', 'grouped'].includes(kind));

/** The network as text. `wider` multiplies the width of every layer that makes new neurons. */
export function blueprint(net: Net, wider = 1): Blueprint {
  const writer = net.image ? new Writer('x', 2, 5, wider) : new Writer('x', 5, 0, wider);
  writer.step(net.first);
  if (net.image) {
    for (const each of net.convs) writer.step(each);
    writer.flatten(net.flatten);
  }
  for (const each of net.steps) writer.step(each);
  writer.close(net.last);
  const inputs = { x: net.image ? ['batch', 2, 5, 5] : ['batch', 5] };
  return { inputs, outputs: ['y'], weights: writer.weights, nodes: writer.nodes, opset: 17 };
}
