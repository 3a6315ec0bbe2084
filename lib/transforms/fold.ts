/** Folds operators that scale and shift channels into the layer in front of them. */
import type { NodeLayer } from '../analysis/groups.js';
import { findNeurons } from '../analysis/neurons.js';
import { lazyBytes, memoryBytes } from '../ir/bytes.js';
import { constantsOf } from '../ir/constants.js';
import { dropUnused, replaceConstants } from '../ir/edit.js';
import type { Model, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { floatOf } from '../ir/nodes.js';
import { bytesOf, elementCount, realsOf, tensorReals } from '../ir/numeric.js';
import { definedNames, usedNames } from '../ir/walk.js';
import { AFFINE_RULES, type Affine } from '../rules/affine.js';
import { STRUCTURE_RULES } from '../rules/structure/index.js';
import { ruleFor } from '../rules/table.js';

/** A layer and the node behind it that it takes up. */
interface Fold {
  readonly layer: NodeLayer;
  readonly node: Node;
  readonly affine: Affine;
}

/** How many operators of a model scale and shift channels by constants. */
export function countAffine(model: Model): number {
  const constants = constantsOf(model.graph);
  return model.graph.nodes.filter((node) => affineOf(model, node, constants) !== undefined).length;
}

const affineOf = (model: Model, node: Node, constants: ReadonlyMap<string, Tensor>): Affine | undefined =>
  ruleFor(AFFINE_RULES, node, model.opsets.get(node.domain) ?? 0)?.(node, (name) => constants.get(name));

/** The same function with every such operator in its layer, where that layer can take it. */
export function foldAffine(model: Model): Model {
  const folds = findFolds(model);
  if (folds.length === 0) return model;
  const { graph } = model;
  const constants = constantsOf(graph);
  const fresh = freshNames(definedNames(graph));
  const made = new Map<string, Tensor>();
  const gone = new Set(folds.map((fold) => fold.node));
  const folded = new Map(folds.map((fold) => [fold.layer.node, fold]));
  const stale = new Set<string>();
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const fold = folded.get(node);
    if (gone.has(node)) {
      for (const name of node.inputs) stale.add(name);
      return [];
    }
    return [fold ? foldedLayer(fold, constants, fresh, made, stale) : node];
  });
  const initializers = new Map(graph.initializers);
  return { ...model, graph: dropUnused(replaceConstants({ ...graph, nodes, initializers }, made), stale) };
}

/** Nodes that can be folded: what they scale is made by one layer, for them alone, and has a place for a bias. */
function findFolds(model: Model): readonly Fold[] {
  const constants = constantsOf(model.graph);
  const neurons = findNeurons(model);
  const uses = new Map<string, number>();
  for (const name of model.graph.nodes.flatMap(usedNames)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const outputs = new Set(model.graph.outputs.map((value) => value.name));
  return model.graph.nodes.flatMap((node): readonly Fold[] => {
    const affine = affineOf(model, node, constants);
    const [x] = node.inputs;
    const layer = neurons.layers.find(
      (each) => each.output.value === x && each.output.axis === 1 && each.node.inputs.includes(each.weight),
    );
    if (!affine || !layer || uses.get(x as string) !== 1 || outputs.has(x as string)) return [];
    const slot = biasSlot(model, layer);
    const bias = slot === undefined ? undefined : layer.node.inputs[slot];
    const alone = uses.get(layer.weight) === 1 && constants.get(layer.weight)?.dims[layer.out] === affine.scale.length;
    // A bias with a factor (Gemm's beta), or one number for all channels, is not worth a rule.
    const plain = String(constants.get(bias ?? '')?.dims) === String(affine.scale.length);
    const takes = slot !== undefined && (!bias || plain) && floatOf(layer.node, 'beta', 1) === 1;
    return alone && takes ? [{ layer, node, affine }] : [];
  });
}

/** Which input of a layer is its bias. */
const biasSlot = (model: Model, layer: NodeLayer): number | undefined =>
  ruleFor(STRUCTURE_RULES, layer.node, model.opsets.get(layer.node.domain) ?? 0)?.added[0];

function foldedLayer(
  { layer, node, affine }: Fold,
  constants: ReadonlyMap<string, Tensor>,
  fresh: (wish: string) => string,
  made: Map<string, Tensor>,
  stale: Set<string>,
): Node {
  const weight = constants.get(layer.weight) as Tensor;
  const old = layer.node.inputs[2];
  const [weightName, biasName] = [fresh(`${layer.weight}.folded`), fresh(`${old || `${layer.weight}.bias`}.folded`)];
  for (const name of [layer.weight, old]) if (name) stale.add(name);
  made.set(weightName, scaledAlong(weight, weightName, layer.out, affine.scale));
  const before = old ? tensorReals(constants.get(old) as Tensor) : new Float64Array(affine.scale.length);
  const bias = Float64Array.from(before, (b, i) => b * (affine.scale[i] as number) + (affine.shift[i] as number));
  const data = memoryBytes(bytesOf(bias, weight.dtype, biasName));
  made.set(biasName, { name: biasName, dtype: weight.dtype, dims: [bias.length], data });
  const [x] = layer.node.inputs as readonly [string];
  return { ...layer.node, inputs: [x, weightName, biasName], outputs: [node.outputs[0] as string] };
}

/** The tensor times `scale` along one axis, computed when it is read. */
function scaledAlong(tensor: Tensor, name: string, axis: number, scale: Float64Array): Tensor {
  const inner = elementCount(tensor.dims.slice(axis + 1));
  const data = tensor.data as NonNullable<Tensor['data']>;
  const size = data.length / Math.max(1, elementCount(tensor.dims));
  const read = (start: number, end: number): Uint8Array => {
    const [first, last] = [Math.floor(start / size), Math.ceil(end / size)];
    const values = realsOf(data.read(first * size, last * size), tensor.dtype, name);
    const scaled = values.map((value, i) => value * (scale[Math.floor((first + i) / inner) % scale.length] as number));
    return bytesOf(scaled, tensor.dtype, name).subarray(start - first * size, end - first * size);
  };
  return { name, dtype: tensor.dtype, dims: tensor.dims, data: lazyBytes(data.length, read) };
}
