/** The same network in other clothes: other names, another order in the file, its neurons in another order. */
import { findRoles } from '../../lib/analysis/roles.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import type { Model, Node } from '../../lib/ir/model.js';
import { renamed as renamedGraph } from '../../lib/ir/prefix.js';
import { type Random, shuffledIndices } from '../../lib/ir/random.js';
import { usedNames } from '../../lib/ir/walk.js';
import { assemble } from '../../lib/transforms/assemble.js';
import { gatherForms } from '../../lib/transforms/side-by-side.js';

/** Every name of a model with `prefix` in front, those of its inputs and outputs too. */
export const renamed = (model: Model, prefix: string): Model => ({
  ...model,
  graph: renamedGraph(model.graph, (name) => (name === '' ? '' : prefix + name), prefix),
});

/** Another topological order of the nodes. */
export function reordered(model: Model, random: Random): Model {
  const left = new Set(model.graph.nodes);
  const waiting = () => new Set([...left].flatMap((node) => node.outputs));
  const nodes: Node[] = [];
  while (left.size > 0) {
    const unmade = waiting();
    const ready = [...left].filter((node) => usedNames(node).every((name) => !unmade.has(name)));
    const next = ready[Math.floor(random() * ready.length)] as Node;
    left.delete(next);
    nodes.push(next);
  }
  return { ...model, graph: { ...model.graph, nodes } };
}

/** The neurons of every group in another order; the same function. */
export function shuffled(model: Model, random: Random): Model {
  const { family } = gatherForms([model], model);
  const selection = family.template.groups.map(({ size }) =>
    Array.from(shuffledIndices(size, random), (neuron) => ({ member: 0, neuron })),
  );
  return assemble(family, findRoles(family.template), selection, () => 1);
}

/** The model with one number of one initializer raised. */
export function nudged(model: Model, name: string, at: number, by: number): Model {
  const tensor = model.graph.initializers.get(name);
  if (!tensor?.data) throw new Error(`no initializer ${name}`);
  const bytes = tensor.data.read(0, tensor.data.length).slice();
  const view = new DataView(bytes.buffer);
  view.setFloat32(4 * at, view.getFloat32(4 * at, true) + by, true);
  const data = { ...tensor, data: memoryBytes(bytes) };
  return { ...model, graph: { ...model.graph, initializers: new Map([...model.graph.initializers, [name, data]]) } };
}
