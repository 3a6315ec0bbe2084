/** Which of the values that are made of constants are worth computing once. */
import { stateRelations } from '../analysis/relations.js';
import type { FactsMap } from '../analysis/shapes.js';
import { findViews } from '../analysis/views.js';
import { constantsOf } from '../ir/constants.js';
import { byteLength, INT32, INT64, REAL_TYPES } from '../ir/dtype.js';
import type { Model, Node } from '../ir/model.js';
import { elementCount } from '../ir/numeric.js';
import { usedNames } from '../ir/walk.js';
import { onlyReshapes } from '../rules/computed.js';
import { STRUCTURE_RULES } from '../rules/structure/index.js';
import { ruleFor } from '../rules/table.js';
import { bytesAt, type Computed } from './fold-batches.js';

type ComputedMap = ReadonlyMap<string, Computed>;

/** Weights, numbers and shapes, by the names of their values. */
export function findRoots(model: Model, computed: ComputedMap, facts: FactsMap): readonly string[] {
  const outputs = new Set(model.graph.outputs.map(({ name }) => name));
  const readers = readersOf(model, computed);
  const found = [
    ...weights(model, readers, computed, facts),
    ...counts(readers, computed, facts),
    ...reshaped(model, computed, facts),
  ];
  return [...new Set(found)].filter((name) => !outputs.has(name));
}

/** What reads computed values and is not computed itself. */
const readersOf = ({ graph }: Model, computed: ComputedMap): readonly Node[] =>
  graph.nodes.filter((node) => !node.outputs.some((name) => name !== '' && computed.has(name)));

/**
 * Real values that are more than a constant shown otherwise and that an operator with neurons reads together with what flows.
 * A single number is no weight that somebody else may hold, so that it counts even where it is only shown.
 */
function weights(
  { opsets }: Model,
  readers: readonly Node[],
  computed: ComputedMap,
  facts: FactsMap,
): readonly string[] {
  const withNeurons = readers.filter((node) => ruleFor(STRUCTURE_RULES, node, opsets.get(node.domain) ?? 0));
  const single = (name: string) => bytesAt(facts, name) === byteLength(facts.get(name)?.dtype ?? 0, 1);
  return withNeurons
    .flatMap((node) => node.inputs)
    .filter((name) => {
      const made = computed.get(name);
      const real = REAL_TYPES.has(facts.get(name)?.dtype ?? 0);
      return made !== undefined && real && (!made.moves || single(name));
    });
}

/** A shape has no more lengths. */
const FEW = 64;

/** Short lists of whole numbers that the rules for shapes could not follow: lengths that came of a power, a OneHot, a rounding. */
function counts(readers: readonly Node[], computed: ComputedMap, facts: FactsMap): readonly string[] {
  const read = readers.flatMap((node) => node.inputs);
  return read.filter((name) => {
    const { dtype, shape, content } = facts.get(name) ?? {};
    const isWhole = dtype === INT64 || dtype === INT32;
    return computed.has(name) && isWhole && !content && elementCount((shape ?? []) as readonly number[]) <= FEW;
  });
}

/**
 * Weights of layers that are a constant in another shape, where nothing else reads that constant: no neurons could be found
 * behind the Reshape.
 */
function reshaped(model: Model, computed: ComputedMap, facts: FactsMap): readonly string[] {
  if (![...computed.values()].some(({ node, moves }) => moves && onlyReshapes(node))) return [];
  const [constants, views, own] = [constantsOf(model.graph), findViews(model), ownReshapes(model, computed)];
  const layers = stateRelations(model, facts).flatMap(({ relations }) =>
    relations.flatMap((each) => (each.kind === 'layer' ? [each.weight] : [])),
  );
  return layers.filter((name) => !constants.has(name) && !views.has(name) && own.has(name));
}

/** Constants in another shape that nothing reads as they are; in order of execution, so that a long chain takes one look a node. */
function ownReshapes({ graph }: Model, computed: ComputedMap): ReadonlySet<string> {
  const uses = new Map<string, number>();
  for (const name of graph.nodes.flatMap(usedNames)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const own = new Set<string>();
  for (const [name, { node }] of computed) {
    const [from = ''] = node.inputs;
    if (onlyReshapes(node) && (computed.has(from) ? own.has(from) : uses.get(from) === 1)) own.add(name);
  }
  return own;
}
