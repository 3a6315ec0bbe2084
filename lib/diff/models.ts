/** The comparison of two models, as far as their files tell: who is whose counterpart first, then what differs. */
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { TransplantError } from '../errors.js';
import { inlineFunctions } from '../ir/inline.js';
import type { Attribute, Graph, Model, Node } from '../ir/model.js';
import { alignNodes } from './align.js';
import { diffHeaders, diffInterface, type HeaderChange, type ValueDiff } from './header.js';
import type { NodePair } from './matching.js';
import type { NoteOf } from './module-path.js';
import { diffNodes, type KnownSide, type NodeDiff } from './nodes.js';
import { sideOf } from './side.js';
import { diffPair, lone, pairTensors, type TensorDiff, type TensorPairs, type TextsOf } from './tensors.js';

/** Two models side by side. */
export interface Aligned {
  readonly models: readonly [Model, Model];
  readonly sides: readonly [KnownSide, KnownSide];
  readonly pairs: readonly NodePair[];
  readonly tensors: TensorPairs;
  readonly source: Source;
  /** What could not be looked at. */
  readonly notes: readonly string[];
}

/** All that two models differ in. */
export interface ModelDiff {
  readonly header: readonly HeaderChange[];
  readonly values: readonly ValueDiff[];
  readonly nodes: readonly NodeDiff[];
  readonly tensors: readonly TensorDiff[];
}

function known(model: Model, noteOf: NoteOf): { readonly side: KnownSide; readonly notes: readonly string[] } {
  const side = sideOf(model.graph, noteOf);
  const opset = model.opsets.get('') ?? 0;
  try {
    return { side: { side, facts: inferShapes(model), opset }, notes: [] };
  } catch (error) {
    if (!(error instanceof TransplantError) || error.kind !== 'refused') throw error;
    const note = `shapes of ${model.label} are not compared: ${error.message}`;
    return { side: { side, facts: undefined, opset }, notes: [note] };
  }
}

/** What only the reader of a file knows. */
export interface Source {
  readonly noteOf: NoteOf;
  readonly textsOf: TextsOf;
}

/** Finds counterparts; local functions are compared inlined. Reads all weights once. Throws TOO_MANY. */
export function alignModels(a: Model, b: Model, source: Source): Aligned {
  const inlined = a.functions.length + b.functions.length > 0;
  const models = inlined ? ([inlineFunctions(a), inlineFunctions(b)] as const) : ([a, b] as const);
  const [ofA, ofB] = [known(models[0], source.noteOf), known(models[1], source.noteOf)];
  const pairs = alignNodes(ofA.side.side, ofB.side.side);
  return {
    models,
    source,
    sides: [ofA.side, ofB.side],
    pairs,
    tensors: pairTensors(ofA.side.side, ofB.side.side, pairs),
    notes: [
      ...ofA.notes,
      ...ofB.notes,
      ...(inlined ? ['nodes of local functions are compared where they are called'] : []),
    ],
  };
}

/** The differences of the initializers, one at a time: a step reads two tensors. */
export function* diffTensorsOf({ sides, tensors, source }: Aligned): Generator<TensorDiff> {
  const [a, b] = [sides[0].side.constants, sides[1].side.constants];
  const paired = new Set(tensors.values());
  for (const [name, tensor] of a) {
    const other = tensors.get(name);
    const theirs = other === undefined ? undefined : b.get(other);
    yield other !== undefined && theirs
      ? diffPair(name, tensor, other, theirs, source.textsOf)
      : lone(name, tensor, 'removed');
  }
  for (const [name, tensor] of b) if (!paired.has(name)) yield lone(name, tensor, 'added');
}

/** Whether the weights of a node of the first model are others in the second. */
function weightsChanged({ side }: KnownSide, tensors: readonly TensorDiff[]): (at: number) => boolean {
  const changed = new Set(
    tensors
      .filter(({ change, before, after }) => change !== 'same' && before && after)
      .map(({ before }) => before?.name ?? ''),
  );
  return (at) => side.nodes[at]?.inputs.some((name) => changed.has(name)) ?? false;
}

/** All differences, the tensors' being known. */
export function diffModels(
  aligned: Aligned,
  originals: readonly [Model, Model],
  tensors: readonly TensorDiff[],
): ModelDiff {
  const [a, b] = aligned.sides;
  return {
    header: diffHeaders(...originals),
    values: diffInterface(...aligned.models, a.facts, b.facts),
    nodes: diffNodes(a, b, aligned.pairs, weightsChanged(a, tensors), graphNotes),
    tensors,
  };
}

const NO_NOTES: NoteOf = () => new Map();
const NO_TEXTS: TextsOf = () => [];

/** What two graphs within nodes differ in, in a few words; '' where they are the same up to names. */
function graphText(a: Graph, b: Graph): string {
  const bare = (graph: Graph): KnownSide => ({ side: sideOf(graph, NO_NOTES), facts: NO_FACTS, opset: 0 });
  const [ofA, ofB] = [bare(a), bare(b)];
  const pairs = alignNodes(ofA.side, ofB.side);
  const tensors = [...pairTensors(ofA.side, ofB.side, pairs)].flatMap(([name, other]) => {
    const [x, y] = [ofA.side.constants.get(name), ofB.side.constants.get(other)];
    return x && y ? [diffPair(name, x, other, y, NO_TEXTS)] : [];
  });
  const nodes = diffNodes(ofA, ofB, pairs, weightsChanged(ofA, tensors), graphNotes);
  const count = (change: NodeDiff['change']) => nodes.filter((node) => node.change === change).length;
  const counts = (['added', 'removed', 'changed'] as const)
    .map((change) => [change, count(change)] as const)
    .filter(([, n]) => n > 0);
  return counts.map(([change, n]) => `${n} ${n === 1 ? 'node' : 'nodes'} ${change}`).join(', ');
}

const NO_FACTS: FactsMap = new Map();

const graphsIn = (attribute: Attribute | undefined): readonly Graph[] =>
  attribute?.type === 'graph' ? [attribute.value] : attribute?.type === 'graphs' ? attribute.value : [];

/** What the graphs of two partners (branches of If, bodies of Loop and Scan) differ in. */
function graphNotes(x: Node, y: Node): readonly string[] {
  const names = [...new Set([...x.attributes.keys(), ...y.attributes.keys()])];
  return names.flatMap((name) => {
    const [before, after] = [graphsIn(x.attributes.get(name)), graphsIn(y.attributes.get(name))];
    if (before.length !== after.length) return [`${name}: ${before.length} graphs -> ${after.length}`];
    return before.flatMap((graph, k) => {
      const text = graphText(graph, after[k] as Graph);
      return text === '' ? [] : [`${name}: ${text}`];
    });
  });
}
