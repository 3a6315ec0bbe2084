/** Which value of one model is which value of another, by the alignment of their nodes. */
import type { Graph, Model } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { usedNames } from '../ir/walk.js';
import { alignNodes } from './align.js';
import type { NoteOf } from './module-path.js';
import { type Side, sideOf } from './side.js';

/** The inputs that are fed stand for each other by name, or where the names differ by position. */
export function pairInputs(a: Model, b: Model): ReadonlyMap<string, string> {
  const ours = fedInputs(a.graph).map(({ name }) => name);
  const theirs = fedInputs(b.graph).map(({ name }) => name);
  const named = ours.every((name) => theirs.includes(name));
  return new Map(
    ours.flatMap((name, i) => {
      const other = named ? name : theirs[i];
      return other === undefined ? [] : [[name, other] as const];
    }),
  );
}

/** Values that some node reads, or that the graph gives. */
function usedIn(graph: Graph): ReadonlySet<string> {
  return new Set([...graph.nodes.flatMap(usedNames), ...graph.outputs.map(({ name }) => name)]);
}

function outputsOf({ nodes }: Side, at: number): readonly string[] {
  return nodes[at]?.outputs ?? [];
}

/**
 * Pairs of values that nodes make, in the order in which the first model makes them: outputs of paired nodes, and the graphs'
 * outputs by position. Reads all weights.
 */
export function pairValues(a: Model, b: Model, noteOf: NoteOf): readonly (readonly [string, string])[] {
  const [ofA, ofB] = [sideOf(a.graph, noteOf), sideOf(b.graph, noteOf)];
  const pairs = new Map<string, string>();
  const taken = new Set<string>();
  const add = (name: string, other: string) => {
    if (name === '' || other === '' || pairs.has(name) || taken.has(other)) return;
    pairs.set(name, other);
    taken.add(other);
  };
  a.graph.outputs.forEach(({ name }, i) => {
    add(name, b.graph.outputs[i]?.name ?? '');
  });
  for (const pair of alignNodes(ofA, ofB)) {
    outputsOf(ofA, pair.a).forEach((name, k) => {
      add(name, outputsOf(ofB, pair.b)[k] ?? '');
    });
  }
  const [usedA, usedB] = [usedIn(a.graph), usedIn(b.graph)];
  return ofA.nodes
    .flatMap(({ outputs }) => outputs)
    .flatMap((name) => {
      const other = pairs.get(name);
      const both = other !== undefined && usedA.has(name) && usedB.has(other) && ofB.maker.has(other);
      return both ? [[name, other] as const] : [];
    });
}
