/** Layouts of all axes of the output, by value and axis. */

import type { Labels } from '../analysis/groups.js';
import type { Neurons } from '../analysis/neurons.js';
import { occurrencesAt } from '../analysis/occurrences.js';
import { type Dim, isSymbolic } from '../ir/dim.js';
import type { AxisRef } from '../rules/structure/relation.js';
import { fixedLayout, type Layout, layoutAxis, placesOn } from './layout.js';

/** Where the template's neurons stand in an output of other widths. */
export class AxisLayouts {
  private readonly sizes: readonly number[];

  constructor(
    private readonly template: Neurons,
    private readonly widths: readonly number[],
  ) {
    this.sizes = template.groups.map((group) => group.size);
  }

  /** True where no group changes its width: every axis keeps its length. */
  get unchanged(): boolean {
    return this.sizes.every((size, group) => size === this.widths[group]);
  }

  layout(value: string, axis: number, length: number): Layout {
    return this.layoutOf({ value, axis }) ?? fixedLayout(length);
  }

  /** The layout of an axis with neurons; undefined for others. */
  layoutOf({ value, axis }: AxisRef): Layout | undefined {
    const labels = this.template.labels(value, axis);
    return labels && layoutAxis(labels, this.sizes, this.widths);
  }

  /** The lengths of a value's axes in the output. */
  dimsOf(value: string): readonly Dim[] {
    const shape = this.template.facts.get(value)?.shape ?? [];
    if (this.unchanged) return shape;
    return shape.map((dim, axis) => {
      const labels = this.template.labels(value, axis);
      if (!labels) return dim;
      const length = this.lengthOf(labels);
      return isSymbolic(dim) ? { ...dim, coefficient: length } : length;
    });
  }

  /** The length of an axis in the output, whether a value has it or only a rule. */
  lengthAt({ value, axis }: AxisRef, before: number): number {
    const labels = this.template.labels(value, axis);
    return labels && !this.unchanged ? this.lengthOf(labels) : before;
  }

  /** How many positions of the output come from those in front of `at`. */
  boundary(value: string, axis: number, at: number): number {
    const labels = this.template.labels(value, axis);
    if (!labels) return at;
    const front = { group: labels.group.subarray(0, at), neuron: labels.neuron.subarray(0, at) };
    return layoutAxis(front, this.sizes, this.widths).group.length;
  }

  /**
   * Position k of axis `to` was position `picks[k]` of axis `from`: for each position of `to` in the output the one of `from`.
   * Undefined where some position has no source.
   */
  picked(from: AxisRef, to: AxisRef, picks: readonly number[], length: number): readonly number[] | undefined {
    const [source, made] = [this.template.labels(from.value, from.axis), this.template.labels(to.value, to.axis)];
    const [before, after] = [this.layout(from.value, from.axis, length), this.layout(to.value, to.axis, picks.length)];
    const counted = occurrencesAt(source, length);
    const came = new Map<string, number>();
    const fixedFrom: number[] = [];
    const occurrences = occurrencesAt(made, picks.length);
    picks.forEach((pick, k) => {
      const group = made?.group[k] ?? -1;
      if (group < 0) fixedFrom.push(counted[pick] as number);
      else came.set(keyOf(group, made?.neuron[k] as number, occurrences[k] as number), counted[pick] as number);
    });
    const places = placesOn({ group: before.group, neuron: before.slot }, before.group.length);
    const found = Array.from(after.group, (group, k): number | undefined => {
      const slot = after.slot[k] as number;
      if (group < 0) return places.fixed(fixedFrom[slot] ?? -1);
      // A new slot moves as the last neuron of its group does.
      const neuron = Math.min(slot, (this.sizes[group] as number) - 1);
      const occurrence = came.get(keyOf(group, neuron, after.occurrence[k] as number));
      return occurrence === undefined ? undefined : places.neuron(group, slot, occurrence);
    });
    return found.includes(undefined) ? undefined : (found as readonly number[]);
  }

  private lengthOf(labels: Labels): number {
    const counts = new Map<number, number>();
    for (const group of labels.group) counts.set(group, (counts.get(group) ?? 0) + 1);
    return [...counts].reduce(
      (sum, [group, count]) =>
        sum + (group < 0 ? count : (count / (this.sizes[group] as number)) * (this.widths[group] as number)),
      0,
    );
  }
}

const keyOf = (group: number, neuron: number, occurrence: number) => `${group} ${neuron} ${occurrence}`;
