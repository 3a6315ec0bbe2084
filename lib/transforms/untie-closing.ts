/**
 * Side by side, the weight of a closing layer is scaled by the members' shares. Where other nodes use that weight too (an
 * autoencoder whose decoder is its encoder turned around), the closing layer needs one of its own.
 */
import { findNeurons } from '../analysis/neurons.js';
import { closes } from '../analysis/roles.js';
import type { View } from '../analysis/views.js';
import type { Graph, Model, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { transposeTensor } from '../ir/transpose.js';
import { definedNames, usedNames } from '../ir/walk.js';

/** Initializers that are used more than once. */
function sharedNames(graph: Graph): ReadonlySet<string> {
  const [once, more] = [new Set<string>(), new Set<string>()];
  for (const name of [...graph.nodes.flatMap(usedNames), ...graph.outputs.map((value) => value.name)]) {
    if (graph.initializers.has(name)) (once.has(name) ? more : once).add(name);
  }
  return more;
}

/** The same function with a weight for each closing layer that no other kind of use shares. Throws what `findNeurons` throws. */
export function untieClosing(model: Model): Model {
  const { graph } = model;
  const shared = sharedNames(graph);
  if (shared.size === 0) return model;
  const neurons = findNeurons(model);
  const fresh = freshNames(definedNames(graph));
  const made = new Map<string, Tensor>();
  const renamed = new Map<Node, Map<string, string>>();
  for (const name of shared) {
    const closing = neurons.layers.filter((layer) => layer.weight === name && closes(neurons, layer));
    const uses = graph.nodes.flatMap(usedNames).filter((used) => used === name).length;
    const outs = new Set(closing.map((layer) => layer.out));
    if (closing.length === 0 || (closing.length === uses && outs.size === 1)) continue;
    // Layers that see the weight alike can share one copy.
    const copies = new Map<string, string>();
    for (const layer of closing) {
      const seen = layer.node.inputs.find((input) => input === name || neurons.views.get(input)?.root === name);
      if (seen === undefined) continue;
      const key = `${layer.out} ${seen}`;
      const copy = copies.get(key) ?? fresh(seen);
      if (!copies.has(key))
        made.set(copy, asSeen(graph.initializers.get(name) as Tensor, neurons.views.get(seen), copy));
      copies.set(key, copy);
      renamed.set(layer.node, new Map([[seen, copy]]));
    }
  }
  if (made.size === 0) return model;
  const nodes = graph.nodes.map((node) => {
    const names = renamed.get(node);
    return names ? { ...node, inputs: node.inputs.map((name) => names.get(name) ?? name) } : node;
  });
  return { ...model, graph: { ...graph, nodes, initializers: new Map([...graph.initializers, ...made]) } };
}

/** A copy of a weight as a view shows it. */
const asSeen = (tensor: Tensor, view: View | undefined, name: string): Tensor =>
  view?.axes.some((axis, i) => axis !== i) ? transposeTensor(tensor, name, view.axes) : { ...tensor, name };
