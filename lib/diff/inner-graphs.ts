/** What the graphs within two partners differ in: branches of If, bodies of Loop and Scan. */
import type { FactsMap } from '../analysis/shapes.js';
import type { Attribute, Graph, Node } from '../ir/model.js';
import { alignNodes } from './align.js';
import { type Counterparts, counterparts, type PairInputs } from './counterparts.js';
import type { NoteOf } from './module-path.js';
import { diffNodes, type KnownSide } from './nodes.js';
import { sideOf } from './side.js';
import { diffPair, pairTensors, type TensorPairs, type TextsOf, weightsChanged } from './tensors.js';

/** What is known of the models around them. */
export interface Around {
  /** Versions of ONNX's own operators in both models. */
  readonly opsets: readonly [number, number];
  readonly textsOf: TextsOf;
}

const NO_NOTES: NoteOf = () => new Map();
const NO_FACTS: FactsMap = new Map();

/** Inputs and outputs of a graph within a node have no names outside of it: their place tells what they are. */
const byPlace: PairInputs = (a, b) =>
  a.slice(0, b.length).map((name, place): readonly [string, string] => [name, b[place] as string]);

const namesOf = (values: Graph['outputs']): readonly string[] => values.map(({ name }) => name);

/** Outputs that another value is given at; a new one is told by the node that makes it. */
function outputsChanged(a: Graph, b: Graph, values: Counterparts): number {
  return byPlace(namesOf(a.outputs), namesOf(b.outputs)).filter(
    ([own, other]) => values.ofB(other) !== undefined && values.ofA(own) !== other,
  ).length;
}

const counted = (n: number, what: string, change: string): readonly string[] =>
  n > 0 ? [`${n} ${what}${n === 1 ? '' : 's'} ${change}`] : [];

/** Constants that one graph alone has. */
const loneConstants = ({ side: a }: KnownSide, { side: b }: KnownSide, tensors: TensorPairs) => [
  ...counted(b.constants.size - tensors.size, 'constant', 'added'),
  ...counted(a.constants.size - tensors.size, 'constant', 'removed'),
];

/** The differences in a few words; '' where the two are the same up to names. */
function graphText(a: Graph, b: Graph, around: Around, outer: Counterparts): string {
  const known = (graph: Graph, opset: number): KnownSide => ({ side: sideOf(graph, NO_NOTES), facts: NO_FACTS, opset });
  const [ofA, ofB] = [known(a, around.opsets[0]), known(b, around.opsets[1])];
  const pairs = alignNodes(ofA.side, ofB.side);
  const tensors = pairTensors(ofA.side, ofB.side, pairs);
  const compared = [...tensors].flatMap(([name, other]) => {
    const [x, y] = [ofA.side.constants.get(name), ofB.side.constants.get(other)];
    return x && y ? [diffPair(name, x, other, y, around.textsOf)] : [];
  });
  const values = counterparts(ofA.side, ofB.side, pairs, tensors, byPlace, outer);
  const nodes = diffNodes(ofA, ofB, {
    pairs,
    values,
    weightsChanged: weightsChanged(ofA.side, compared),
    graphNotes: (x, y) => graphNotes(x, y, around, values),
  });
  const count = (change: string) => nodes.filter((node) => node.change === change).length;
  return [
    ...(['added', 'removed', 'changed'] as const).flatMap((change) => counted(count(change), 'node', change)),
    ...loneConstants(ofA, ofB, tensors),
    ...counted(Math.abs(a.inputs.length - b.inputs.length), 'input', 'added or removed'),
    ...counted(Math.abs(a.outputs.length - b.outputs.length), 'output', 'added or removed'),
    ...counted(outputsChanged(a, b, values), 'output', 'of another value'),
  ].join(', ');
}

const graphsIn = (attribute: Attribute | undefined): readonly Graph[] =>
  attribute?.type === 'graph' ? [attribute.value] : attribute?.type === 'graphs' ? attribute.value : [];

/** What the graphs of two partners differ in, one line each; `outer` are the values around them. */
export function graphNotes(x: Node, y: Node, around: Around, outer: Counterparts): readonly string[] {
  const names = [...new Set([...x.attributes.keys(), ...y.attributes.keys()])];
  return names.flatMap((name) => {
    const [before, after] = [graphsIn(x.attributes.get(name)), graphsIn(y.attributes.get(name))];
    if (before.length !== after.length) return [`${name}: ${before.length} graphs -> ${after.length}`];
    return before.flatMap((graph, k) => {
      const text = graphText(graph, after[k] as Graph, around, outer);
      return text === '' ? [] : [`${name}: ${text}`];
    });
  });
}
