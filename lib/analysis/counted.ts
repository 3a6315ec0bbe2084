/**
 * Where a model computes with the number of its neurons: sqrt(head size) read off a Shape, as older exporters write it. At
 * another width it is another number, so that these neurons influence each other.
 */
import { type Dim, isSymbolic } from '../ir/dim.js';
import { REAL_TYPES } from '../ir/dtype.js';
import type { Graph, Node } from '../ir/model.js';
import { intOf, nodeText } from '../ir/nodes.js';
import type { AxisRef, Mixes } from '../rules/structure/relation.js';
import type { Labels } from './groups.js';
import type { FactsMap } from './shapes.js';

/** For each element of an integer value the axis of neurons that it was measured on. */
type Measured = readonly (AxisRef | undefined)[];

/** Nodes that make real numbers of such integers, each with the axis that was measured. */
export function countedNeurons(
  graph: Graph,
  facts: FactsMap,
  labels: (value: string, axis: number) => Labels | undefined,
): readonly Mixes[] {
  const measured = new Map<string, Measured>();
  const found: Mixes[] = [];
  for (const node of graph.nodes) {
    const sources = measure(node, facts, labels) ?? passOn(node, facts, measured);
    const at = sources.find((each) => each !== undefined);
    if (!at) continue;
    for (const name of node.outputs) {
      if (facts.get(name)?.content) measured.set(name, sources);
      else if (REAL_TYPES.has(facts.get(name)?.dtype ?? 0) && node.opType === 'Cast') {
        found.push({ kind: 'mixes', at, why: `${nodeText(node)} makes a number of how many these neurons are` });
      }
    }
  }
  return found;
}

function measure(
  node: Node,
  facts: FactsMap,
  labels: (value: string, axis: number) => Labels | undefined,
): Measured | undefined {
  if (node.domain !== '' || (node.opType !== 'Shape' && node.opType !== 'Size')) return undefined;
  const [value] = node.inputs as readonly [string];
  const axes = (facts.get(value)?.shape ?? []).map((_, axis) => (labels(value, axis) ? { value, axis } : undefined));
  return node.opType === 'Size' ? axes : axes.slice(intOf(node, 'start', 0), intOf(node, 'end', axes.length));
}

/** A Gather picks elements; of other operators any element may come from any. */
function passOn(node: Node, facts: FactsMap, measured: ReadonlyMap<string, Measured>): Measured {
  const picks: readonly Dim[] | undefined = facts.get(node.inputs[1] ?? '')?.content;
  if (node.opType === 'Gather' && picks && !picks.some(isSymbolic)) {
    return (picks as readonly number[]).map((pick) => measured.get(node.inputs[0] ?? '')?.at(pick));
  }
  return node.inputs.flatMap((name) => measured.get(name) ?? []);
}
