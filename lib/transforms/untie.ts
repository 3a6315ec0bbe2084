/**
 * Unties initializers that the exporter merged because they were equal at the time: through an Identity, or as one vector
 * that two layers use. Members need them apart. True matrices that are shared on purpose (a tied embedding) stay one.
 */
import { constantsOf } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
import { dropUnused } from '../ir/edit.js';
import type { Graph, Model, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { definedNames } from '../ir/walk.js';

/** The same function with every small initializer used once. Runs twice to the same result. */
export function untie(model: Model): Model {
  const graph = cloneShared(dropIdentities(model.graph));
  return graph === model.graph ? model : { ...model, graph };
}

/** Replaces `y = Identity(constant)` by an initializer y. */
function dropIdentities(graph: Graph): Graph {
  const [initializers, constants] = [new Map(graph.initializers), constantsOf(graph)];
  const outputs = new Set(graph.outputs.map((value) => value.name));
  const isCopy = (node: Node): boolean => {
    const [from, to] = [node.inputs[0] ?? '', node.outputs[0] ?? ''];
    const tensor = initializers.get(from) ?? constants.get(from);
    if (node.opType !== 'Identity' || node.domain !== '' || !tensor || to === '' || outputs.has(to)) return false;
    initializers.set(to, { ...tensor, name: to });
    return true;
  };
  const nodes = graph.nodes.filter((node) => !isCopy(node));
  if (nodes.length === graph.nodes.length) return graph;
  const kept = new Set(nodes);
  const copies = graph.nodes.filter((node) => !kept.has(node));
  // Nothing may use the copy either: what asked for it may have been decided beforehand.
  const candidates = copies.flatMap((node) => [node.inputs[0] as string, node.outputs[0] as string]);
  return dropUnused({ ...graph, nodes, initializers }, new Set(candidates));
}

/** Real numbers along at most one axis: a bias, a scale, a slope. (A shape is no parameter and may be shared.) */
const isVector = ({ dtype, dims }: Tensor): boolean =>
  REAL_TYPES.has(dtype) && dims.length > 0 && dims.filter((dim) => dim !== 1).length <= 1;

/** Gives the second and later users of a vector their own copy. */
function cloneShared(graph: Graph): Graph {
  const fresh = freshNames(definedNames(graph));
  const [initializers, constants] = [new Map(graph.initializers), constantsOf(graph)];
  const used = new Set<string>();
  let changed = false;
  const own = (name: string): string => {
    const tensor = constants.get(name);
    if (!tensor || !isVector(tensor) || !used.has(name)) {
      used.add(name);
      return name;
    }
    const copy = fresh(name);
    initializers.set(copy, { ...tensor, name: copy });
    changed = true;
    return copy;
  };
  const nodes = graph.nodes.map((node) => {
    const inputs = node.inputs.map(own);
    return inputs.some((name, i) => name !== node.inputs[i]) ? { ...node, inputs } : node;
  });
  return changed ? { ...graph, nodes, initializers } : graph;
}
