/** A model in float32 instead of another real type: for models that ONNX Runtime's CPU has no kernels for. */
import { lazyBytes } from '../../lib/ir/bytes.js';
import { FLOAT, REAL_TYPES } from '../../lib/ir/dtype.js';
import type { Attribute, Model, Node, Tensor, Value } from '../../lib/ir/model.js';
import { bytesOf, tensorReals } from '../../lib/ir/numeric.js';

const typeOf = (dtype: number): number => (REAL_TYPES.has(dtype) ? FLOAT : dtype);

const ofValue = (value: Value): Value => (value.dtype === undefined ? value : { ...value, dtype: typeOf(value.dtype) });

function ofTensor(tensor: Tensor): Tensor {
  if (typeOf(tensor.dtype) === tensor.dtype) return tensor;
  const bytes = () => bytesOf(tensorReals(tensor), FLOAT, tensor.name);
  const length = 4 * tensor.dims.reduce((a, b) => a * b, 1);
  return { ...tensor, dtype: FLOAT, data: lazyBytes(length, (start, end) => bytes().subarray(start, end)) };
}

const ofAttribute = (node: Node, name: string, attribute: Attribute): Attribute => {
  if (attribute.type === 'tensor') return { ...attribute, value: ofTensor(attribute.value) };
  const isType = (node.opType === 'Cast' && name === 'to') || name === 'dtype';
  return isType && attribute.type === 'int' ? { ...attribute, value: typeOf(attribute.value) } : attribute;
};

const ofNode = (node: Node): Node => ({
  ...node,
  attributes: new Map([...node.attributes].map(([name, each]) => [name, ofAttribute(node, name, each)])),
});

/** The same graph, its weights rounded to float32, computing in it. */
export function asFloat(model: Model): Model {
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.map(ofNode),
      inputs: graph.inputs.map(ofValue),
      outputs: graph.outputs.map(ofValue),
      valueInfo: graph.valueInfo.map(ofValue),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [name, ofTensor(tensor)])),
    },
  };
}
