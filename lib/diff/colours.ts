/** Colours of neurons: what is the same whatever order they stand in, and tells them apart as far as that goes. */
import type { Labels } from '../analysis/groups.js';
import type { Member } from '../analysis/members.js';
import { occurrencesAt } from '../analysis/occurrences.js';
import { joined, mixed } from '../ir/mixed.js';
import type { Tensor } from '../ir/model.js';
import type { Reals } from '../ir/numeric.js';
import { numbersOf } from './elements.js';

const scratch = new DataView(new ArrayBuffer(8));

/** A number as one word, hashed; 0 and -0 alike. */
function wordOf(value: number): number {
  scratch.setFloat64(0, value === 0 ? 0 : value);
  return mixed(scratch.getInt32(0) ^ Math.imul(scratch.getInt32(4), 0x9e3779b1));
}

/** One axis of a tensor: which neuron each position is, and how often that neuron stood before. */
export interface Axis {
  readonly labels: Labels | undefined;
  readonly turn: Int32Array;
}

/** A tensor of one network in the terms of the first. */
export interface Held {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Reals;
  /** The values hashed, for colours. */
  readonly words: Int32Array;
  readonly axes: readonly Axis[];
}

/** A tensor of the template as a member has it; undefined where that holds no numbers. */
export function heldOf(member: Member, tensor: Tensor): Held | undefined {
  const own = member.tensor(tensor.name);
  const values = own && numbersOf(own);
  if (!own || !values) return undefined;
  const axes = own.dims.map((length, axis): Axis => {
    const labels = member.labels(tensor.name, axis);
    return { labels, turn: occurrencesAt(labels, length) };
  });
  return { name: tensor.name, dims: own.dims, values, words: Int32Array.from(values, wordOf), axes };
}

/** The colours of all neurons of one network, group by group. */
export class Colours {
  readonly of: Int32Array[];

  constructor(
    private readonly tensors: readonly Held[],
    widths: readonly number[],
  ) {
    this.of = widths.map((width) => new Int32Array(width));
  }

  /** A word for each position of an axis. */
  private keys({ labels, turn }: Axis): Int32Array {
    return turn.map((own, p) => {
      const group = labels?.group[p] ?? -1;
      if (group < 0) return mixed(own + 1);
      return joined(joined(this.of[group]?.[labels?.neuron[p] as number] ?? 0, group), own);
    });
  }

  /** One round: each neuron takes in what touches it. A step is one tensor. */
  *refine(): Generator<void, void> {
    const next = this.of.map((colours) => colours.map(mixed));
    for (const [number, tensor] of this.tensors.entries()) {
      this.take(tensor, mixed(number + 1), next);
      yield;
    }
    next.forEach((colours, group) => {
      this.of[group] = colours;
    });
  }

  private take({ dims, words, axes }: Held, salt: number, next: readonly Int32Array[]): void {
    const keys = axes.map((axis, at) => this.keys(axis).map((key) => joined(key, at)));
    const sums = dims.map((length) => new Int32Array(length));
    const at = new Int32Array(dims.length);
    for (let i = 0; i < words.length; i++) {
      let bits = (words[i] as number) ^ salt;
      for (let axis = 0; axis < dims.length; axis++) bits = (bits + (keys[axis]?.[at[axis] as number] as number)) | 0;
      bits = mixed(bits);
      for (let axis = 0; axis < dims.length; axis++) {
        const own = sums[axis] as Int32Array;
        own[at[axis] as number] = ((own[at[axis] as number] as number) + bits) | 0;
      }
      for (let axis = dims.length - 1; axis >= 0; axis--) {
        at[axis] = (at[axis] as number) + 1;
        if ((at[axis] as number) < (dims[axis] as number)) break;
        at[axis] = 0;
      }
    }
    axes.forEach(({ labels, turn }, axis) => {
      for (let p = 0; p < turn.length; p++) {
        const group = labels?.group[p] ?? -1;
        const colours = next[group];
        const neuron = labels?.neuron[p] as number;
        if (!colours) continue;
        const part = joined(joined(sums[axis]?.[p] as number, salt + axis), turn[p] as number);
        colours[neuron] = ((colours[neuron] as number) + part) | 0;
      }
    });
  }

  /** How many colours there are. */
  count(): number {
    return this.of.reduce((sum, colours) => sum + new Set(colours).size, 0);
  }
}
