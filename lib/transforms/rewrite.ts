/** Carries out what a resize rule asks for in one node. */
import { memoryBytes } from '../ir/bytes.js';
import { BOOL, INT64 } from '../ir/dtype.js';
import { amendNode, makeNode } from '../ir/edit.js';
import type { Attribute, Node, Tensor } from '../ir/model.js';
import { int64Bytes } from '../ir/numeric.js';
import type { AxisPicks, Patch, Rewrite } from '../rules/resize/rule.js';

/** What rewriting a node adds to its graph and takes from it. */
export interface Remaking {
  /** A name that nothing has yet, like the one wished for. */
  fresh(wish: string): string;
  /** Constants that new operands need. */
  readonly made: Map<string, Tensor>;
  /** Values that an operand no longer reads. */
  readonly replaced: Set<string>;
}

/** The node with its new operands and attributes, behind the nodes that pick from its input and patch operands in part. */
export function rewriteNode(node: Node, rewrite: Rewrite, remaking: Remaking): readonly Node[] {
  const picks = pickNodes(node, rewrite, remaking);
  if (rewrite.gone) {
    for (const input of node.inputs.slice(1)) remaking.replaced.add(input);
    return picks;
  }
  const inputs = [...node.inputs];
  const last = picks.at(-1);
  if (last) inputs[0] = last.outputs[0] as string;
  const patches: Node[] = [];
  for (const [index, values] of rewrite.inputs ?? []) {
    const old = inputs[index] ?? '';
    const { name, nodes } = operand(old, old || `${node.outputs[0]}.sizes`, values, remaking);
    while (inputs.length < index) inputs.push('');
    inputs[index] = name;
    patches.push(...nodes);
  }
  return [...picks, ...patches, amendNode(node, { inputs, attributes: attributesOf(node, rewrite) })];
}

function attributesOf(node: Node, rewrite: Rewrite): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>(node.attributes);
  for (const name of rewrite.drop ?? []) attributes.delete(name);
  for (const [name, value] of rewrite.ints ?? []) attributes.set(name, { type: 'ints', value });
  for (const [name, value] of rewrite.int ?? []) attributes.set(name, { type: 'int', value });
  for (const [name, value] of rewrite.float ?? []) attributes.set(name, { type: 'float', value });
  return attributes;
}

/** The numbers as a constant; where some stay what the model computes, a Where that chooses between the two. */
function operand(old: string, wish: string, values: Patch, remaking: Remaking): { name: string; nodes: Node[] } {
  const numbers = int64s(
    wish,
    values.map((value) => value ?? 0),
    remaking,
  );
  if (values.every((value) => value !== undefined)) {
    remaking.replaced.add(old);
    return { name: numbers, nodes: [] };
  }
  const given = memoryBytes(Uint8Array.from(values, (value) => (value === undefined ? 0 : 1)));
  const chosen = remaking.fresh(`${wish}.known`);
  remaking.made.set(chosen, { name: chosen, dtype: BOOL, dims: [values.length], data: given });
  const patched = remaking.fresh(`${wish}.patched`);
  return { name: patched, nodes: [makeNode('Where', [chosen, numbers, old], [patched])] };
}

function int64s(wish: string, values: readonly number[], { fresh, made }: Remaking): string {
  const name = fresh(wish);
  made.set(name, { name, dtype: INT64, dims: [values.length], data: memoryBytes(int64Bytes(values)) });
  return name;
}

/** A Gather for each axis that is picked from, one behind the other; the last makes the node's output where that is gone. */
function pickNodes(node: Node, { gathers = [], gone }: Rewrite, remaking: Remaking): readonly Node[] {
  const nodes: Node[] = [];
  gathers.forEach((gather, i) => {
    const output =
      gone && i === gathers.length - 1 ? (node.outputs[0] as string) : remaking.fresh(`${node.outputs[0]}.picked`);
    const made = gatherNode(nodes.at(-1)?.outputs[0] ?? (node.inputs[0] as string), output, gather, remaking);
    nodes.push(gone && output === node.outputs[0] ? { ...made, name: node.name } : made);
  });
  return nodes;
}

/** A Gather along an axis of `input`. */
export function gatherNode(input: string, output: string, { axis, indices }: AxisPicks, remaking: Remaking): Node {
  const numbers = int64s(`${output}.indices`, indices, remaking);
  const attributes = new Map<string, Attribute>([['axis', { type: 'int', value: axis }]]);
  return makeNode('Gather', [input, numbers], [output], attributes);
}
