/**
 * Positions of one axis that change places by way of other shapes (ShuffleNet's channels: split into groups, turned, merged),
 * picked by their numbers instead. So each neuron moves by itself; split up, only whole groups could be followed.
 */
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { memoryBytes } from '../ir/bytes.js';
import { type Dim, isSymbolic, productOf, type Shape, sameDim } from '../ir/dim.js';
import { INT64 } from '../ir/dtype.js';
import { dropDead, makeNode } from '../ir/edit.js';
import type { Attribute, Model, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { int64Bytes } from '../ir/numeric.js';
import { definedNames, usedNames } from '../ir/walk.js';
import { MAX_CONTENT } from '../limits.js';
import { MOVE_RULES, type Moved } from '../rules/moves.js';
import { ruleFor } from '../rules/table.js';

/** Three nodes, one behind the other, of which nothing else sees what is between. */
type Chain = readonly [apart: Node, turn: Node, together: Node];

/** Where the positions of an axis come from. */
interface Shuffle {
  readonly axis: number;
  readonly indices: readonly number[];
}

/** The same function. Runs twice to the same result. Throws SHAPE_CONFLICT. */
export function foldShuffles(model: Model): Model {
  let made = model;
  // Two chains may share a node.
  for (let next = foldOnce(made); next !== made; next = foldOnce(made)) made = next;
  return made;
}

function foldOnce(model: Model): Model {
  const { graph } = model;
  const chains = chainsOf(model);
  if (chains.length === 0) return model;
  const facts = inferShapes(model);
  const fresh = freshNames(definedNames(graph));
  const made = new Map<string, Tensor>();
  const placed = new Map<Node, readonly Node[]>();
  for (const chain of chains) {
    const [{ inputs }, , { name, outputs }] = chain;
    const shuffle = chain.some((node) => placed.has(node)) ? undefined : shuffleOf(model, chain, facts);
    if (!shuffle) continue;
    const { axis, indices } = shuffle;
    const order = fresh(`${outputs[0]}.order`);
    made.set(order, { name: order, dtype: INT64, dims: [indices.length], data: memoryBytes(int64Bytes(indices)) });
    const attributes = new Map<string, Attribute>([['axis', { type: 'int', value: axis }]]);
    const gather = { ...makeNode('Gather', [inputs[0] as string, order], outputs, attributes), name };
    chain.forEach((node, i) => placed.set(node, i < 2 ? [] : [gather]));
  }
  if (placed.size === 0) return model;
  const nodes = graph.nodes.flatMap((node) => placed.get(node) ?? [node]);
  const initializers = new Map([...graph.initializers, ...made]);
  const targets = new Set([...placed.keys()].flatMap((node) => node.inputs.slice(1)));
  const between = new Set([...placed].flatMap(([node, by]) => (by.length === 0 ? node.outputs : [])));
  const valueInfo = graph.valueInfo.filter(({ name }) => !between.has(name));
  return { ...model, graph: dropDead({ ...graph, nodes, initializers, valueInfo }, targets) };
}

const movedBy = ({ opsets }: Model, node: Node, rank: number): Moved | undefined =>
  ruleFor(MOVE_RULES, node, opsets.get(node.domain) ?? 0)?.(node, rank);

/** Chains of a change of shape, a turn and another change of shape. */
function chainsOf(model: Model): readonly Chain[] {
  const { graph } = model;
  const users = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const name of usedNames(node)) {
      const known = users.get(name) ?? [];
      known.push(node);
      users.set(name, known);
    }
  }
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const next = (node: Node | undefined): Node | undefined => {
    const [name = ''] = node?.outputs ?? [];
    const [only, ...others] = users.get(name) ?? [];
    return others.length === 0 && only?.inputs[0] === name && !outputs.has(name) ? only : undefined;
  };
  return graph.nodes.flatMap((apart): readonly Chain[] => {
    const turn = next(apart);
    const together = next(turn);
    if (!turn || !together) return [];
    const [first, second, third] = [apart, turn, together].map((node) => movedBy(model, node, 0));
    const isChain = first && second && third && !first.turned && second.turned && !third.turned;
    return isChain ? [[apart, turn, together]] : [];
  });
}

/** What the chain does to one axis; undefined where it does more or nothing, or the lengths are not known. */
function shuffleOf(model: Model, [apart, turn, together]: Chain, facts: FactsMap): Shuffle | undefined {
  const shapeAt = (name: string | undefined) => facts.get(name ?? '')?.shape;
  const [from, split, to] = [shapeAt(apart.inputs[0]), shapeAt(apart.outputs[0]), shapeAt(together.outputs[0])];
  if (!from || !split || !to || !sameShape(from, to) || from.includes(0)) return undefined;
  // Where an axis of length 1 stands means nothing.
  const axes = [...split.keys()].filter((at) => split[at] !== 1);
  const lengths = axes.map((at) => split[at] as Dim);
  const order = (movedBy(model, turn, split.length)?.turned ?? []).flatMap((at) =>
    split[at] === 1 ? [] : axes.indexOf(at),
  );
  const moved = [...order.keys()].filter((at) => order[at] !== at);
  const [first, last] = [moved[0], moved.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  for (const [axis, length] of from.entries()) {
    const factors = factorsOf(from, axis, lengths, first, last);
    if (!factors || isSymbolic(length) || length > MAX_CONTENT) continue;
    const [start, end] = factors;
    const known = lengths.slice(start, end).flatMap((each) => (isSymbolic(each) ? [] : [each]));
    if (known.length < end - start) continue;
    return {
      axis,
      indices: turned(
        known,
        order.slice(start, end).map((at) => at - start),
      ),
    };
  }
  return undefined;
}

const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, axis) => sameDim(dim, b[axis] as Dim));

/** The stretch of axes of `split` that are the factors of one axis of `from`, if it holds those from `first` to `last`. */
function factorsOf(
  from: Shape,
  axis: number,
  split: Shape,
  first: number,
  last: number,
): readonly [number, number] | undefined {
  const [before, behind] = [productOf(from.slice(0, axis)), productOf(from.slice(axis + 1))];
  for (let start = first; start >= 0; start--) {
    if (!sameDim(productOf(split.slice(0, start)), before)) continue;
    for (let end = last + 1; end <= split.length; end++)
      if (sameDim(productOf(split.slice(end)), behind)) return [start, end];
  }
  return undefined;
}

/** The elements of a tensor of these lengths, numbered, in the order that they have once its axes are turned. */
function turned(lengths: readonly number[], perm: readonly number[]): readonly number[] {
  const stride = (axis: number) => lengths.slice(axis + 1).reduce((product, length) => product * length, 1);
  return perm.reduce<readonly number[]>(
    (numbers, axis) =>
      numbers.flatMap((number) => Array.from({ length: lengths[axis] as number }, (_, i) => number + i * stride(axis))),
    [0],
  );
}
