/** What the structure rules say of every node of a graph, before it is put together. */
import { constantsOf } from '../ir/constants.js';
import type { Dim } from '../ir/dim.js';
import type { Model, Node, Tensor } from '../ir/model.js';
import { nodeText } from '../ir/nodes.js';
import { usedNames } from '../ir/walk.js';
import { ASK_SHAPE } from '../rules/families.js';
import { STRUCTURE_RULES } from '../rules/structure/index.js';
import { REFUSALS } from '../rules/structure/refused.js';
import type { Relation, StructureContext } from '../rules/structure/relation.js';
import { opKey, ruleFor } from '../rules/table.js';
import { virtualName } from './positions.js';
import type { FactsMap } from './shapes.js';

/** One node with the relations between the axes of its operands. */
export interface Stated {
  readonly node: Node;
  readonly relations: readonly Relation[];
  /** Axes that exist in no tensor, by their names, with their lengths. */
  readonly virtual: ReadonlyMap<string, Dim>;
  /** Why no rule covers the node: all that it touches is fixed then. */
  readonly problem: string | undefined;
}

/** The relations of all nodes, in order. Throws SHAPE_CONFLICT. */
export function stateRelations(model: Model, facts: FactsMap): readonly Stated[] {
  const constants = constantsOf(model.graph);
  const read = readValues(model);
  return model.graph.nodes.map((node) => state(model, node, facts, constants, read));
}

/** Values whose numbers somebody reads. */
function readValues({ graph }: Model): ReadonlySet<string> {
  const readers = graph.nodes.filter(({ opType, domain }) => domain !== '' || !ASK_SHAPE.includes(opType));
  return new Set([...readers.flatMap(usedNames), ...graph.outputs.map(({ name }) => name)]);
}

function state(
  model: Model,
  node: Node,
  facts: FactsMap,
  constants: ReadonlyMap<string, Tensor>,
  read: ReadonlySet<string>,
): Stated {
  const opset = model.opsets.get(node.domain) ?? 0;
  const rule = ruleFor(STRUCTURE_RULES, node, opset);
  const touched = [...node.inputs, ...node.outputs].filter((name) => name !== '');
  const shapeOf = (value: string) => facts.get(value)?.shape;
  const shapeless = touched.find((name) => !shapeOf(name));
  const problem = !rule
    ? (ruleFor(REFUSALS, node, opset) ?? `no rule says where the neurons go in ${opKey(node.domain, node.opType)}`)
    : !node.outputs[0] && !rule.firstOptional
      ? 'its first output is left out'
      : shapeless !== undefined
        ? `the shape of its value ${JSON.stringify(shapeless.slice(0, 80))} is unknown`
        : undefined;
  const virtual = new Map<string, Dim>();
  if (!rule || problem !== undefined) {
    const why = `${nodeText(node)}: ${problem}`;
    const fixed = (value: string) =>
      (shapeOf(value) ?? []).map((_, axis): Relation => ({ kind: 'fixed', at: { value, axis }, why }));
    return { node, relations: touched.flatMap(fixed), virtual, problem };
  }
  const context: StructureContext = {
    node,
    opset,
    shape: (value) => shapeOf(value) ?? [],
    isConstant: (value) => constants.has(value),
    isRead: (value) => read.has(value),
    reals: (index) => facts.get(node.inputs[index] ?? '')?.reals,
    content: (index) => facts.get(node.inputs[index] ?? '')?.content,
    virtual: (name, length) => {
      const value = virtualName(node, name);
      virtual.set(value, length);
      return { value, axis: 0 };
    },
  };
  return { node, relations: rule.relate(context), virtual, problem };
}
