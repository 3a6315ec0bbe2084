/**
 * An assembled graph whose neurons stand everywhere in the order that the layout of its constants says. At another width a node
 * may lead to another one than the template's pattern has when it is continued: a Concat of two values gives all members' neurons
 * of the first and then all of the second, where a layer that works by groups wants those of the first member first. There a
 * Gather puts them in order.
 */

import { isVirtual } from '../analysis/positions.js';
import { type Stated, stateRelations } from '../analysis/relations.js';
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { constantsOf } from '../ir/constants.js';
import { amendNode } from '../ir/edit.js';
import type { Model, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { definedNames } from '../ir/walk.js';
import type { AxisPicks } from '../rules/resize/rule.js';
import type { AxisRef } from '../rules/structure/relation.js';
import { arrival, forcedOrders, keyOf, permutation, sameLayout } from './arrival.js';
import type { Layout } from './layout.js';
import { gatherNode } from './rewrite.js';
import { splitConstants } from './split-constants.js';
import { type Find, finder, type LayoutOf, misplacedIn } from './verify-layout.js';

/** The model with Gathers where they are needed. Throws LAYOUT_UNSUPPORTED where no order helps. */
export function inOrder(made: Model, widths: readonly number[], layoutOf: LayoutOf): Model {
  if (!misplacedIn(made, widths, layoutOf)) return made;
  const reordered = new Reordering(made, layoutOf);
  // A constant in another order is another constant.
  const model = splitConstants(reordered.run());
  const misplaced = misplacedIn(model, widths, (at) => reordered.layoutOf(at));
  if (misplaced) throw misplaced;
  return model;
}

/** An axis of a value that stands in one order and is wanted in another. */
interface Move extends AxisPicks {
  /** The order that is not the layout's. */
  readonly other: Layout;
}

/** A value in two orders: `moves` make the one of the other. */
interface Reordered {
  readonly value: string;
  readonly moves: readonly Move[];
}

class Reordering {
  private readonly facts: FactsMap;
  private readonly stated: readonly Stated[];
  private readonly find: Find;
  private readonly constants: ReadonlyMap<string, Tensor>;
  private readonly remaking;
  /** The name under which a value stands in order, where the node that makes it gives it in another. */
  private readonly ordered = new Map<string, string>();
  /** What values hold that do not stand as the layout says, and those that are another value in order. */
  private readonly special = new Map<string, Reordered>();

  constructor(
    private readonly made: Model,
    private readonly base: LayoutOf,
  ) {
    this.facts = inferShapes(made);
    this.stated = stateRelations(made, this.facts);
    this.find = finder(base, this.facts, this.stated);
    this.constants = constantsOf(made.graph);
    this.remaking = {
      fresh: freshNames(definedNames(made.graph)),
      made: new Map<string, Tensor>(),
      replaced: new Set<string>(),
    };
  }

  run(): Model {
    const nodes = this.stated.flatMap((stated) => this.placed(stated));
    const { graph } = this.made;
    return {
      ...this.made,
      graph: { ...graph, nodes, initializers: new Map([...graph.initializers, ...this.remaking.made]) },
    };
  }

  /** What stands on an axis of the reordered graph. */
  layoutOf({ value, axis }: AxisRef): Layout | undefined {
    const special = this.special.get(value);
    if (!special) return this.base({ value, axis });
    return special.moves.find((move) => move.axis === axis)?.other ?? this.base({ value: special.value, axis });
  }

  /** The node between the Gathers that it needs. */
  private placed(stated: Stated): readonly Node[] {
    const { node } = stated;
    const [behind, front] = this.movesOf(stated);
    const inputs = new Map(this.ordered);
    const before = front.flatMap(({ value, moves }) => {
      const steps = moves.map((_, i) => moves.slice(0, i + 1));
      const nodes = this.gathers(inputs.get(value) ?? value, value, moves, steps);
      inputs.set(value, nodes.at(-1)?.outputs[0] ?? value);
      return nodes;
    });
    const after = behind.flatMap(({ value, moves }) => {
      const steps = moves.map((_, i) => moves.slice(i + 1));
      const nodes = this.gathers(value, value, moves, steps);
      this.special.set(value, { value, moves });
      this.ordered.set(value, nodes.at(-1)?.outputs[0] ?? value);
      return nodes;
    });
    const renamed = node.inputs.map((name) => inputs.get(name) ?? name);
    const same = renamed.every((name, i) => name === node.inputs[i]);
    return [...before, same ? node : amendNode(node, { inputs: renamed }), ...after];
  }

  /** Gathers one behind the other; `left` says of each what of its output does not stand as the layout of `value` says. */
  private gathers(
    from: string,
    value: string,
    moves: readonly Move[],
    left: readonly (readonly Move[])[],
  ): readonly Node[] {
    const nodes: Node[] = [];
    moves.forEach((move, i) => {
      const name = this.remaking.fresh(`${value}.ordered`);
      nodes.push(gatherNode(nodes.at(-1)?.outputs[0] ?? from, name, move, this.remaking));
      this.special.set(name, { value, moves: left[i] ?? [] });
    });
    return nodes;
  }

  /** Which outputs come in another order than they should stand in, and which inputs must go in so. */
  private movesOf({ node, relations }: Stated): readonly [readonly Reordered[], readonly Reordered[]] {
    const [inputs, outputs] = [present(node.inputs), present(node.outputs)];
    const forced = forcedOrders(relations, this.find);
    const find: Find = (at) => ({
      ...this.find(at),
      ...(forced.has(keyOf(at)) ? { layout: forced.get(keyOf(at)) } : {}),
    });
    const told = (values: readonly string[]) => (at: AxisRef) =>
      forced.get(keyOf(at)) ?? arrival(at, relations, (ref) => values.includes(ref.value) || isVirtual(ref), find);
    const asForced = (at: AxisRef) => forced.get(keyOf(at));
    const behind = outputs.flatMap((value) => this.reordered(value, told(inputs), permutation));
    const isBehind = behind.length > 0 && behind.every(isPossible);
    const constants = inputs.filter((value) => this.constants.has(value));
    const front = inputs.flatMap((value) => {
      const wanted = isBehind || constants.includes(value) ? asForced : told([...outputs, ...constants]);
      return this.reordered(value, wanted, (other, layout) => permutation(layout, other));
    });
    return [isBehind ? behind : [], front.filter(isPossible)];
  }

  /** The value, if the other axes of a node tell it another order than it has in the layout. */
  private reordered(
    value: string,
    told: (at: AxisRef) => Layout | undefined,
    indicesOf: (other: Layout, layout: Layout) => readonly number[] | undefined,
  ): readonly Reordered[] {
    const moves = (this.facts.get(value)?.shape ?? []).flatMap((_, axis): readonly Move[] => {
      const layout = this.find({ value, axis }).layout;
      const other = layout && told({ value, axis });
      if (!layout || !other || sameLayout(other, layout)) return [];
      return [{ axis, other, indices: indicesOf(other, layout) ?? [] }];
    });
    return moves.length > 0 ? [{ value, moves }] : [];
  }
}

/** A move without indices found no source for some position. */
const isPossible = ({ moves }: Reordered): boolean => moves.every(({ indices }) => indices.length > 0);

const present = (names: readonly string[]): readonly string[] => [...new Set(names.filter((name) => name !== ''))];
