/** Local functions put in place of their calls (ONNX IR, "FunctionProto"): what is left is a graph of plain operators. */
import { tooMany } from '../errors.js';
import { MAX_INLINED_NODES } from '../limits.js';
import type { Attribute, Graph, LocalFunction, Model, Node } from './model.js';
import { freshNames } from './names.js';
import { renamedNode } from './prefix.js';
import { definedNames, subgraphsOf } from './walk.js';

const keyOf = (domain: string, name: string, overload: string) => `${domain}\u0000${name}\u0000${overload}`;

/** A function can stand in the model where both mean the same by its operators. */
const fits = (model: Model, { opsets }: LocalFunction): boolean =>
  [...opsets].every(([domain, version]) => (model.opsets.get(domain) ?? version) === version);

/**
 * The same function without calls of local functions in its main graph; functions of other operator versions than the model
 * stay. Throws TOO_MANY where functions call each other so often that the graph would grow beyond all bounds.
 */
export function inlineFunctions(model: Model): Model {
  const known = new Map(
    model.functions
      .filter((each) => fits(model, each))
      .map((each) => [keyOf(each.domain, each.name, each.overload), each]),
  );
  const called = (node: Node) => known.get(keyOf(node.domain, node.opType, node.overload ?? ''));
  if (!model.graph.nodes.some(called)) return model;
  const fresh = freshNames(definedNames(model.graph));
  const nodes: Node[] = [];
  const opsets = new Map(model.opsets);
  const stack = [...model.graph.nodes].reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    const local = called(node);
    if (!local) {
      nodes.push(node);
      continue;
    }
    for (const [domain, version] of local.opsets) opsets.set(domain, version);
    for (const inner of bodyOf(local, node, fresh).reverse()) stack.push(inner);
    if (nodes.length + stack.length > MAX_INLINED_NODES)
      throw tooMany(model.label, 'nodes once its functions are inlined', MAX_INLINED_NODES);
  }
  return dropFunctions({ ...model, opsets, graph: { ...model.graph, nodes } });
}

/** The nodes of a function as one call runs them. */
function bodyOf(local: LocalFunction, call: Node, fresh: (wish: string) => string): Node[] {
  const prefix = `${call.name || local.name}/`;
  const names = new Map(local.inputs.map((name, i) => [name, call.inputs[i] ?? '']));
  const passed: Node[] = [];
  local.outputs.forEach((name, i) => {
    const wanted = call.outputs[i] ?? '';
    if (wanted === '') return;
    const held = names.get(name);
    if (held === undefined) names.set(name, wanted);
    else
      passed.push({
        name: '',
        opType: 'Identity',
        domain: '',
        inputs: [held],
        outputs: [wanted],
        attributes: new Map(),
      });
  });
  const rename = (name: string): string => {
    if (name === '') return '';
    const known = names.get(name);
    if (known !== undefined) return known;
    const made = fresh(prefix + name);
    names.set(name, made);
    return made;
  };
  const given = new Map([...local.defaults, ...call.attributes]);
  return [...local.nodes.map((node) => bound(renamedNode(node, rename, prefix), given)), ...passed];
}

/** The node with what its call gives for attributes; one that it does not give is left out. */
function bound(node: Node, given: ReadonlyMap<string, Attribute>): Node {
  const attributes = [...node.attributes].flatMap(([name, attribute]): [string, Attribute][] => {
    const own = boundAttribute(attribute, given);
    return own ? [[name, own]] : [];
  });
  return { ...node, attributes: new Map(attributes) };
}

function boundAttribute(attribute: Attribute, given: ReadonlyMap<string, Attribute>): Attribute | undefined {
  const within = (graph: Graph): Graph => ({ ...graph, nodes: graph.nodes.map((node) => bound(node, given)) });
  switch (attribute.type) {
    case 'ref':
      return given.get(attribute.value);
    case 'graph':
      return { ...attribute, value: within(attribute.value) };
    case 'graphs':
      return { ...attribute, value: attribute.value.map(within) };
    default:
      return attribute;
  }
}

/** The model without functions that nothing calls any more. */
function dropFunctions(model: Model): Model {
  const byName = new Map<string, LocalFunction[]>();
  for (const local of model.functions) {
    const key = keyOf(local.domain, local.name, '');
    byName.set(key, [...(byName.get(key) ?? []), local]);
  }
  const used = new Set<LocalFunction>();
  const queue = [...model.graph.nodes];
  for (const node of queue) {
    for (const local of byName.get(keyOf(node.domain, node.opType, '')) ?? []) {
      if (used.has(local)) continue;
      used.add(local);
      queue.push(...local.nodes);
    }
    for (const graph of subgraphsOf(node)) queue.push(...graph.nodes);
  }
  return { ...model, functions: model.functions.filter((local) => used.has(local)) };
}
