/**
 * A graph in the making: productions append nodes to it and leave open values behind. Choices come from the stream of the
 * current step, which is the same for all members; weights come from streams of the member.
 */
import { memoryBytes } from '../../lib/ir/bytes.js';
import { BOOL, DOUBLE, FLOAT, INT64 } from '../../lib/ir/dtype.js';
import type { LocalFunction, Node, Tensor, Value } from '../../lib/ir/model.js';
import { bytesOf, elementCount, int64Bytes } from '../../lib/ir/numeric.js';
import { normal, type Random, seeded } from '../../lib/ir/random.js';
import { parseNode } from '../../test/support/build.js';
import { below, pick } from '../fuzz/pick.js';
import { type Axis, fixedLen, type Len, type Open, productOf } from './axes.js';

/** What holds for the whole graph. */
export interface Setup {
  readonly opset: number;
  /** All real numbers are float64: for operators that are not continuous, where float32's noise would show. */
  readonly double: boolean;
  /** The batch axis is open, or declared as 2. */
  readonly symbolic: boolean;
  /** Every constant is an initializer of its own. */
  readonly plain: boolean;
  /** Shapes of inner values are noted, as exporters do. */
  readonly noted: boolean;
  /** Initializers stand among the inputs, as files up to IR 3 have them. */
  readonly listed: boolean;
  /** Share of the channels that slices take: one in so many. */
  readonly cut: number;
  /** Largest width of a new layer, before it is made wider. */
  readonly widest: number;
}

/** Samples in a batch: a length that few other axes have. */
export const BATCH = 3;

/** The domain of local functions. */
export const FUNCTIONS = 'local';

/** How the entries of a constant are drawn. */
type Entry = (random: Random) => number;

/** Constants that every member has alike (settings), or each its own (trained weights). */
type Owner = 'all' | 'member';

interface Kept {
  readonly name: string;
  readonly dims: string;
}

export class Draft {
  readonly nodes: Node[] = [];
  readonly initializers = new Map<string, Tensor>();
  /** All values that steps left, in their order. */
  readonly open: Open[] = [];
  readonly inputs: Value[] = [];
  /** Functions that nodes call. */
  readonly functions: LocalFunction[] = [];
  private random: Random = seeded(0);
  private readonly vectors: Kept[] = [];
  private count = 0;

  constructor(
    readonly setup: Setup,
    readonly variant: number,
    private readonly member: number,
  ) {}

  get opset(): number {
    return this.setup.opset;
  }

  get real(): number {
    return this.setup.double ? DOUBLE : FLOAT;
  }

  /** Starts the stream of a step. */
  begin(seed: number): void {
    this.random = seeded(seed);
  }

  /** An integer from `low` to `high`. */
  int(low: number, high: number): number {
    return low + below(this.random, high - low + 1);
  }

  oneOf<T>(items: readonly T[]): T {
    return pick(this.random, items);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** 0 to count - 1 in random order. */
  order(count: number): readonly number[] {
    const keys = Array.from({ length: count }, () => this.random());
    return [...keys.keys()].sort((a, b) => (keys[a] as number) - (keys[b] as number));
  }

  /** A length as this variant has it. */
  at(len: Len): number {
    return len[this.variant] as number;
  }

  /** A new layer's width, sometimes more in the wider variant. */
  width(): Len {
    const base = Math.min(this.setup.widest, this.oneOf([2, 3, 4, 4, 5, 6, 6, 7, 8, 8]));
    return [base, this.oneOf([base, 2 * base, 2 * base, base + 2])];
  }

  /** A name that nothing has. */
  name(stem: string): string {
    this.count += 1;
    return `${stem}${this.count}`;
  }

  /** Appends a node with one output, told as `Op(a, b) {axis: 1}`, and answers that output's name. */
  node(text: string): string {
    const made = this.name('v');
    this.nodes.push(parseNode(`${made} = ${text}`));
    return made;
  }

  /** Appends a node with several outputs. */
  nodeOf(outputs: number, text: string): readonly string[] {
    const made = Array.from({ length: outputs }, () => this.name('v'));
    this.nodes.push(parseNode(`${made.join(', ')} = ${text}`));
    return made;
  }

  /** A weight matrix or kernel whose results are as large as what goes in, for `fan` summands. */
  weight(dims: readonly Len[], fan: Len): string {
    const size = 1 / Math.sqrt(Math.max(1, this.at(fan)));
    return this.constant(dims, 'member', (random) => normal(random) * size);
  }

  /** Small numbers, such as a bias; sometimes one that another layer has already. */
  vector(dims: readonly Len[], owner: Owner = 'member'): string {
    const told = JSON.stringify([dims, owner]);
    const again = this.vectors.filter((each) => each.dims === told);
    if (!this.setup.plain && again.length > 0 && this.chance(0.1)) return this.oneOf(again).name;
    const name = this.constant(dims, owner, (random) => 0.5 * normal(random));
    this.vectors.push({ name, dims: told });
    return name;
  }

  /** Numbers from 0.5 to 1.5, such as a variance. */
  positive(dims: readonly Len[], owner: Owner = 'member'): string {
    return this.constant(dims, owner, (random) => 0.5 + random());
  }

  /** One number that all members have. */
  scalar(value: number, dims: readonly number[] = this.oneOf([[], [1]])): string {
    return this.constant(dims.map(fixedLen), 'all', () => value);
  }

  /** Integers: a shape, axes, indices. */
  ints(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.store({ name: this.name('i'), dtype: INT64, dims, data: memoryBytes(int64Bytes(values)) });
  }

  /** Numbers in float32 whatever the graph computes in, such as the factors of a Resize. */
  reals(values: readonly number[]): string {
    const data = memoryBytes(bytesOf(Float64Array.from(values), FLOAT, 'factors'));
    return this.store({ name: this.name('f'), dtype: FLOAT, dims: [values.length], data });
  }

  /** True and false by chance, for all members alike. */
  mask(dims: readonly number[]): string {
    const bits = Uint8Array.from({ length: elementCount(dims) }, () => below(this.random, 2));
    return this.store({ name: this.name('m'), dtype: BOOL, dims, data: memoryBytes(bits) });
  }

  private constant(dims: readonly Len[], owner: Owner, entry: Entry): string {
    const own = dims.map((len) => this.at(len));
    const salt = Math.floor(this.random() * 2 ** 32);
    const random = seeded((owner === 'member' ? this.member : 0) * 2 ** 32 + salt);
    const values = Float64Array.from({ length: elementCount(own) }, () => entry(random));
    const name = this.name('w');
    return this.store({ name, dtype: this.real, dims: own, data: memoryBytes(bytesOf(values, this.real, name)) });
  }

  /** Keeps a constant as an initializer, behind an Identity, or in a node. */
  private store(tensor: Tensor): string {
    const form = this.setup.plain ? 1 : this.random();
    if (form < 0.08) {
      const attributes = new Map([['value', { type: 'tensor', value: tensor } as const]]);
      this.nodes.push({ name: '', opType: 'Constant', domain: '', inputs: [], outputs: [tensor.name], attributes });
      return tensor.name;
    }
    this.initializers.set(tensor.name, tensor);
    return form < 0.13 ? this.node(`Identity(${tensor.name})`) : tensor.name;
  }

  /** A value like another one, made by a node. */
  like(value: Open, text: string): Open {
    return { ...value, name: this.node(text) };
  }

  /** A value whose axes differ from another's. */
  as(value: Open, text: string, axes: readonly Axis[], channel = value.channel): Open {
    return { ...value, name: this.node(text), axes, channel };
  }

  /** Who owns a constant that meets `value` on these axes: neurons have weights of their own. */
  ownerOf(value: Open, axes: readonly number[]): Owner {
    return !value.closed && axes.some((axis) => value.axes[axis]?.role === 'neurons') ? 'member' : 'all';
  }

  /** Elements that axes have together, in this variant. */
  countOf(axes: readonly Axis[]): number {
    return this.at(productOf(axes.map(({ len }) => len)));
  }
}
