/** Which value of one model is which value of another: where the models are copies of each other, or nearly. */
import { constantsOf } from '../ir/constants.js';
import type { Graph, Model, Node } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { usedNames } from '../ir/walk.js';
import { commonSequence } from './common-sequence.js';

type Pairs = ReadonlyMap<string, string>;

/** A graph with what is asked of it again and again. */
interface Indexed {
  readonly graph: Graph;
  /** All but those that hold a constant. */
  readonly nodes: readonly Node[];
  readonly makers: ReadonlyMap<string, Node>;
  readonly constants: ReadonlySet<string>;
}

function indexed(graph: Graph): Indexed {
  const constants = new Set(constantsOf(graph).keys());
  const nodes = graph.nodes.filter((node) => !node.outputs.every((name) => constants.has(name)));
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  return { graph, nodes, makers, constants };
}

const operatorOf = ({ domain, opType }: Node): string => `${domain}:${opType}`;

/** The inputs that are fed stand for each other by name, or where the names differ by position. */
export function alignInputs(a: Model, b: Model): ReadonlyMap<string, string> {
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

/** The outputs of two lists of nodes beside each other. */
const outputPairs = (nodes: readonly (readonly [Node, Node])[]): Pairs =>
  new Map(
    nodes.flatMap(([x, y]) =>
      x.outputs.flatMap((name, i) => {
        const other = y.outputs[i] ?? '';
        return name === '' || other === '' ? [] : [[name, other] as const];
      }),
    ),
  );

/** As many nodes in both: each beside the one at its place. */
function byPlace(a: Indexed, b: Indexed): Pairs {
  if (a.nodes.length !== b.nodes.length) return new Map();
  return outputPairs(a.nodes.map((node, i) => [node, b.nodes[i] as Node] as const));
}

const byName = (a: Indexed, b: Indexed): Pairs =>
  new Map([...a.makers.keys()].flatMap((name) => (name !== '' && b.makers.has(name) ? [[name, name] as const] : [])));

/** The operators of both in the longest sequence that they have in common. */
function bySequence(a: Indexed, b: Indexed): Pairs {
  const places = commonSequence(a.nodes.map(operatorOf), b.nodes.map(operatorOf));
  return outputPairs(places.map(([i, j]) => [a.nodes[i] as Node, b.nodes[j] as Node] as const));
}

/** Whether two nodes read the same: the counterparts of values, and constants where constants are. */
function readsSame(x: Node, y: Node, pairs: Pairs, a: Indexed, b: Indexed): boolean {
  return (
    x.inputs.length === y.inputs.length &&
    x.inputs.every((name, i) => {
      const other = y.inputs[i] ?? '';
      if (name === '' || other === '') return name === other;
      return a.constants.has(name) ? b.constants.has(other) : pairs.get(name) === other;
    })
  );
}

/** A proposal without pairs for which nothing speaks (of another operator that reads something else), and how many are beyond doubt. */
function credible(pairs: Pairs, inputs: Pairs, a: Indexed, b: Indexed) {
  const judge = (pairs: Pairs) => {
    const all = new Map([...inputs, ...pairs]);
    return [...pairs].map((pair) => {
      const [x, y] = [a.makers.get(pair[0]) as Node, b.makers.get(pair[1]) as Node];
      return { pair, same: operatorOf(x) === operatorOf(y), reads: readsSame(x, y, all, a, b) };
    });
  };
  const kept = new Map(
    judge(pairs)
      .filter(({ same, reads }) => same || reads)
      .map(({ pair }) => pair),
  );
  return { pairs: kept, sure: judge(kept).filter(({ same, reads }) => same && reads).length };
}

/** Values that something uses: others may not be computed at all. */
function usedIn(graph: Graph): ReadonlySet<string> {
  return new Set([...graph.nodes.flatMap(usedNames), ...graph.outputs.map(({ name }) => name)]);
}

/**
 * Pairs of computed values (of `a`, of `b`) in the order in which `a` computes them: constants and inputs are none, values inside of
 * subgraphs neither. Three proposals compete: by place in the order of nodes, by name, and by the common sequence of operators; the one
 * wins by which most nodes have the same operator and read the same, in doubt the first. The graph outputs, where they are as many,
 * are pairs by position. Both graphs must be sorted (`verifyModel`).
 */
export function alignValues(a: Model, b: Model): readonly (readonly [string, string])[] {
  const [x, y] = [indexed(a.graph), indexed(b.graph)];
  const inputs = alignInputs(a, b);
  const proposals = [byPlace, byName, bySequence].map((propose) => credible(propose(x, y), inputs, x, y));
  const best = proposals.reduce((best, each) => (each.sure > best.sure ? each : best));
  const pairs = new Map(best.pairs);
  const taken = new Set(pairs.values());
  a.graph.outputs.forEach(({ name }, i) => {
    const other = b.graph.outputs[i]?.name;
    const free = !pairs.has(name) && other !== undefined && !taken.has(other);
    if (free && a.graph.outputs.length === b.graph.outputs.length && x.makers.has(name) && y.makers.has(other)) {
      pairs.set(name, other);
    }
  });
  const [usedA, usedB] = [usedIn(a.graph), usedIn(b.graph)];
  return [...x.makers.keys()].flatMap((name) => {
    const other = pairs.get(name);
    return other !== undefined && usedA.has(name) && usedB.has(other) ? [[name, other] as const] : [];
  });
}
