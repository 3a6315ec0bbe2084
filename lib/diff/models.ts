/** The comparison of two models, as far as their files tell: who is whose counterpart first, then what differs. */
import { inferShapes } from '../analysis/shapes.js';
import { attempt } from '../errors.js';
import { inlineFunctions } from '../ir/inline.js';
import type { Model } from '../ir/model.js';
import { alignNodes } from './align.js';
import { counterparts } from './counterparts.js';
import { diffHeaders, diffInterface, type HeaderChange, type ValueDiff } from './header.js';
import { type Around, graphNotes } from './inner-graphs.js';
import type { NodePair } from './matching.js';
import type { NoteOf } from './module-path.js';
import { diffNodes, type KnownSide, type NodeDiff } from './nodes.js';
import { pairNames } from './pair-names.js';
import { sideOf } from './side.js';
import {
  diffPair,
  lone,
  pairTensors,
  type TensorDiff,
  type TensorPairs,
  type TextsOf,
  weightsChanged,
} from './tensors.js';

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
  const { made: facts, why } = attempt(() => inferShapes(model));
  const notes = facts ? [] : [`shapes of ${model.label} are not compared: ${why}`];
  return { side: { side, facts, opset }, notes };
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

/** All differences, the tensors' being known. */
export function diffModels(
  aligned: Aligned,
  originals: readonly [Model, Model],
  tensors: readonly TensorDiff[],
): ModelDiff {
  const [a, b] = aligned.sides;
  const { pairs, source } = aligned;
  const values = counterparts(a.side, b.side, pairs, aligned.tensors, pairNames);
  const around: Around = { opsets: [a.opset, b.opset], textsOf: source.textsOf };
  return {
    header: diffHeaders(...originals),
    values: diffInterface(a, b, values),
    nodes: diffNodes(a, b, {
      pairs,
      values,
      weightsChanged: weightsChanged(a.side, tensors),
      graphNotes: (x, y) => graphNotes(x, y, around, values),
    }),
    tensors,
  };
}
