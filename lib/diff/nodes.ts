/** What became of each node. */

import type { FactsMap } from '../analysis/shapes.js';
import { isSymbolic, type Shape, shapeText } from '../ir/dim.js';
import { dtypeName } from '../ir/dtype.js';
import type { Node } from '../ir/model.js';
import { isSetting } from '../rules/as-inputs.js';
import type { Facts } from '../rules/shape/rule.js';
import type { Counterparts } from './counterparts.js';
import { inOrder } from './gaps.js';
import type { Evidence, NodePair } from './matching.js';
import { settingsOf } from './settings.js';
import { opText, type Side } from './side.js';
import { wiringNotes } from './wiring.js';

/** A node as reports name it. */
export interface NodeRef {
  /** Its place among the nodes of its graph that are no constants. */
  readonly at: number;
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The module of the network that it comes from, as its exporter wrote it; '' where it did not. */
  readonly module: string;
}

/** A setting of two partners: an attribute, or a constant input that other opsets have as an attribute. */
export interface SettingChange {
  readonly name: string;
  /** Null where that node leaves it out; defaults count as left out. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What became of a node. The strongest word that fits: added or removed, changed, moved, renamed, same. */
export interface NodeDiff {
  readonly change: 'same' | 'added' | 'removed' | 'changed' | 'moved' | 'renamed';
  readonly before: NodeRef | null;
  readonly after: NodeRef | null;
  /** Why the two are held for the same node; null for one without a partner. */
  readonly by: Evidence | null;
  readonly settings: readonly SettingChange[];
  /** What else changed: operator, wiring, shapes, types. */
  readonly notes: readonly string[];
}

/** One model with what is known of its values. */
export interface KnownSide {
  readonly side: Side;
  /** Undefined where its shapes contradict each other. */
  readonly facts: FactsMap | undefined;
  /** Version of ONNX's own operators. */
  readonly opset: number;
}

export const refOf = (side: Side, at: number): NodeRef => {
  const node = side.nodes[at] as Node;
  const { name, inputs, outputs } = node;
  return { at, name, op: opText(node), inputs, outputs, module: side.modules[at] ?? '' };
};

function settingChanges(a: KnownSide, b: KnownSide, x: Node, y: Node): readonly SettingChange[] {
  const [before, after] = [settingsOf(a.side, x, a.opset), settingsOf(b.side, y, b.opset)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .map((name) => ({ name, before: before.get(name) ?? null, after: after.get(name) ?? null }))
    .filter((setting) => setting.before !== setting.after);
}

/** `float32 [batch, 6, 28, 28]`. */
export const typeText = (facts: Facts | undefined): string =>
  `${facts?.dtype === undefined ? 'unknown' : dtypeName(facts.dtype)} ${shapeText(facts?.shape)}`;

/** Open lengths are the same whatever they are called. */
const sameShape = (a: Shape | undefined, b: Shape | undefined): boolean =>
  !a ||
  !b ||
  (a.length === b.length &&
    a.every((dim, i) => {
      const other = b[i];
      return other !== undefined && (isSymbolic(dim) ? isSymbolic(other) : dim === other);
    }));

export const sameType = (a: Facts | undefined, b: Facts | undefined): boolean =>
  (a?.dtype === undefined || b?.dtype === undefined || a.dtype === b.dtype) && sameShape(a?.shape, b?.shape);

function outputNotes(a: KnownSide, b: KnownSide, x: Node, y: Node): readonly string[] {
  return x.outputs.flatMap((name, k) => {
    const other = y.outputs[k] ?? '';
    const [before, after] = [a.facts?.get(name), b.facts?.get(other)];
    if (name === '' || other === '' || sameType(before, after)) return [];
    return [`output ${JSON.stringify(other)}: ${typeText(before)} -> ${typeText(after)}`];
  });
}

/** Names of a node's own: what its inputs are called is told where they are made. */
const sameNames = (a: Side, b: Side, x: Node, y: Node): boolean => {
  const constants = (side: Side, node: Node) =>
    node.inputs.filter((name, k) => side.constants.has(name) && !isSetting(node, k));
  return (
    x.name === y.name &&
    x.outputs.join('\u0000') === y.outputs.join('\u0000') &&
    constants(a, x).join('\u0000') === constants(b, y).join('\u0000')
  );
};

/** Who stands for whom in two graphs. */
export interface Partners {
  readonly pairs: readonly NodePair[];
  readonly values: Counterparts;
  /** Whether the weights of a node of the first graph are others in the second. */
  readonly weightsChanged: (at: number) => boolean;
  /** What the graphs within two partners differ in. */
  readonly graphNotes: (x: Node, y: Node) => readonly string[];
}

/** What became of each node: pairs and removed ones in the order of A, then the added ones in the order of B. */
export function diffNodes(
  a: KnownSide,
  b: KnownSide,
  { pairs, values, weightsChanged, graphNotes }: Partners,
): readonly NodeDiff[] {
  const byA = new Map(pairs.map((pair) => [pair.a, pair]));
  const paired = new Set(pairs.map((pair) => pair.b));
  const inPlace = new Set(inOrder(pairs));
  const alone = { by: null, settings: [], notes: [] };
  const ofA = a.side.nodes.map((x, at): NodeDiff => {
    const pair = byA.get(at);
    const before = refOf(a.side, at);
    const y = b.side.nodes[pair?.b ?? -1];
    if (!pair || !y) return { change: 'removed', before, after: null, ...alone };
    const settings = settingChanges(a, b, x, y);
    const notes = [
      ...(opText(x) === opText(y) ? [] : [`operator ${opText(x)} -> ${opText(y)}`]),
      ...wiringNotes(a.side, b.side, x, y, values),
      ...outputNotes(a, b, x, y),
      ...graphNotes(x, y),
    ];
    const changed = settings.length + notes.length > 0 || weightsChanged(at);
    const moved = inPlace.has(pair) ? (sameNames(a.side, b.side, x, y) ? 'same' : 'renamed') : 'moved';
    return { change: changed ? 'changed' : moved, before, after: refOf(b.side, pair.b), by: pair.by, settings, notes };
  });
  const added = [...b.side.nodes.keys()]
    .filter((at) => !paired.has(at))
    .map((at): NodeDiff => ({ change: 'added', before: null, after: refOf(b.side, at), ...alone }));
  return [...ofA, ...added];
}
