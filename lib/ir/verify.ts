/** Whether a graph is one, and the bodies of functions: every value defined once and before it is used, no cycles, no functions that call themselves. */
import { functionCycle, graphCycle, nameDuplicate, quoted, valueUndefined, versionUnknown } from '../errors.js';
import { MAX_IR_VERSION, MAX_OPSET } from '../limits.js';
import type { Graph, LocalFunction, Model, Node } from './model.js';
import { nodeText } from './nodes.js';
import { graphsOf, subgraphsOf, usedNames } from './walk.js';

/** Throws NAME_DUPLICATE, VALUE_UNDEFINED, GRAPH_CYCLE, FUNCTION_CYCLE at the first thing that is wrong. */
export function verifyModel(model: Model): void {
  verifyGraph(model.graph, () => false);
  verifyFunctions(model.functions);
  for (const each of model.functions) verifyBody(each);
  verifyCalls(model);
}

/** What only transforms need: versions whose meaning we know. Throws VERSION_UNKNOWN. */
export function expectKnownVersions(model: Model): void {
  if (model.irVersion > MAX_IR_VERSION) throw versionUnknown('ir_version', model.irVersion, MAX_IR_VERSION);
  const opset = model.opsets.get('') ?? 0;
  if (opset > MAX_OPSET) throw versionUnknown('opset', opset, MAX_OPSET);
}

/** Adds a name to those that are defined. */
function define(defined: Set<string>, name: string, what: string): void {
  if (defined.has(name)) throw nameDuplicate(what, name);
  defined.add(name);
}

/** Says whether a name is defined, here or around. */
type Visible = (name: string) => boolean;

function verifyGraph(graph: Graph, outer: Visible): void {
  const defined = new Set<string>();
  for (const value of graph.inputs) define(defined, value.name, 'graph input');
  // Up to IR 3 every initializer stands among the inputs too, where it is only a default.
  for (const name of graph.initializers.keys()) defined.add(name);
  for (const name of graph.sparseInitializers) define(defined, name, 'sparse initializer');
  const visible = verifyNodes(graph.nodes, defined, outer);
  const outputs = new Set<string>();
  for (const value of graph.outputs) {
    define(outputs, value.name, 'graph output');
    if (!visible(value.name)) throw valueUndefined(value.name, 'the graph output');
  }
}

/** Nodes in their order; answers what is visible behind them, and adds what they make to what is defined. */
function verifyNodes(nodes: readonly Node[], defined: Set<string>, outer: Visible): Visible {
  const producers = producersOf(nodes, defined);
  const visible: Visible = (name) => defined.has(name) || outer(name);
  for (const node of nodes) {
    for (const name of usedNames(node)) if (!visible(name)) throw unavailable(name, node, producers);
    for (const inner of subgraphsOf(node)) verifyGraph(inner, visible);
    for (const name of node.outputs) if (name !== '') defined.add(name);
  }
  return visible;
}

/** A function sees its inputs and nothing around it. */
function verifyBody({ name: own, inputs, outputs, nodes }: LocalFunction): void {
  const defined = new Set<string>();
  for (const name of inputs) define(defined, name, 'function input');
  const visible = verifyNodes(nodes, defined, () => false);
  for (const name of outputs)
    if (!visible(name)) throw valueUndefined(name, `an output of the function ${quoted(own)}`);
}

/** The node that makes each value. Throws NAME_DUPLICATE where two do, or an input or initializer has that name. */
function producersOf(nodes: readonly Node[], defined: ReadonlySet<string>): ReadonlyMap<string, Node> {
  const producers = new Map<string, Node>();
  for (const node of nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (producers.has(name) || defined.has(name)) throw nameDuplicate('value', name);
      producers.set(name, node);
    }
  }
  return producers;
}

/** A value that is not there yet: made nowhere, made in a circle, or made too late. */
function unavailable(name: string, user: Node, producers: ReadonlyMap<string, Node>) {
  const maker = producers.get(name);
  if (!maker) return valueUndefined(name, nodeText(user));
  const circle = pathBetween(name, maker, user, producers);
  return circle
    ? graphCycle([...circle, circle[0] ?? name])
    : valueUndefined(name, nodeText(user), 'which is made only later: the nodes are not sorted');
}

/** Values on a path from `user`'s outputs to `name`, if its maker depends on user. Breadth first, without recursion. */
function pathBetween(
  name: string,
  maker: Node,
  user: Node,
  producers: ReadonlyMap<string, Node>,
): readonly string[] | undefined {
  const cameFrom = new Map<Node, { readonly node: Node | undefined; readonly value: string }>();
  cameFrom.set(maker, { node: undefined, value: name });
  const queue = [maker];
  for (const node of queue) {
    if (node === user) return trail(node, cameFrom);
    for (const used of usedNames(node)) {
      const next = producers.get(used);
      if (!next || cameFrom.has(next)) continue;
      cameFrom.set(next, { node, value: used });
      queue.push(next);
    }
  }
  return undefined;
}

function trail(
  end: Node,
  cameFrom: ReadonlyMap<Node, { readonly node: Node | undefined; readonly value: string }>,
): readonly string[] {
  const values: string[] = [];
  for (let at: Node | undefined = end; at; at = cameFrom.get(at)?.node) values.push(cameFrom.get(at)?.value ?? '');
  return values;
}

const functionKey = (domain: string, name: string, overload: string) => `${domain}\u0000${name}\u0000${overload}`;

/** Local functions may call each other, but not in a circle. Depth first with a stack of our own. */
function verifyFunctions(functions: readonly LocalFunction[]): void {
  const known = new Map<string, LocalFunction>();
  for (const each of functions) {
    const key = functionKey(each.domain, each.name, each.overload);
    if (known.has(key)) throw nameDuplicate('local function', each.name);
    known.set(key, each);
  }
  const byCall = new Map<string, LocalFunction[]>();
  for (const each of functions) {
    const call = functionKey(each.domain, each.name, '');
    const overloads = byCall.get(call);
    if (overloads) overloads.push(each);
    else byCall.set(call, [each]);
  }
  const done = new Set<LocalFunction>();
  for (const start of functions) {
    const path = new Set<LocalFunction>();
    const stack = [{ each: start, leaving: false }];
    for (let top = stack.pop(); top; top = stack.pop()) {
      if (top.leaving) {
        path.delete(top.each);
        done.add(top.each);
      } else if (path.has(top.each)) {
        const around = [...path];
        throw functionCycle([...around.slice(around.indexOf(top.each)), top.each].map((each) => each.name));
      } else if (!done.has(top.each)) {
        path.add(top.each);
        stack.push({ each: top.each, leaving: true });
        for (const each of new Set(calledBy(top.each.nodes, byCall))) stack.push({ each, leaving: false });
      }
    }
  }
}

/** All functions that nodes call, whatever the overload; subgraphs included. */
function calledBy(
  nodes: readonly Node[],
  byCall: ReadonlyMap<string, readonly LocalFunction[]>,
): readonly LocalFunction[] {
  return nodes.flatMap((node) => [
    ...(byCall.get(functionKey(node.domain, node.opType, '')) ?? []),
    ...subgraphsOf(node).flatMap((inner) => calledBy(inner.nodes, byCall)),
  ]);
}

/** A call takes no more outputs than its function has. */
function verifyCalls({ graph, functions }: Model): void {
  if (functions.length === 0) return;
  const known = new Map(functions.map((each) => [functionKey(each.domain, each.name, each.overload), each]));
  const inner = (nodes: readonly Node[]) => nodes.flatMap(subgraphsOf).flatMap((each) => [...graphsOf(each)]);
  const bodies = [graph.nodes, ...functions.map(({ nodes }) => nodes)];
  const all = [...bodies, ...bodies.flatMap(inner).map(({ nodes }) => nodes)].flat();
  for (const node of all) {
    const called = known.get(functionKey(node.domain, node.opType, node.overload ?? ''));
    const lacking = called && node.outputs.slice(called.outputs.length).find((name) => name !== '');
    if (lacking) throw valueUndefined(lacking, nodeText(node), 'an output that the function does not have');
  }
}
