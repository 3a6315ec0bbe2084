/** Constants of a graph: initializers and what Constant nodes hold, under one name space. */
import { memoryBytes } from './bytes.js';
import { FLOAT, INT64 } from './dtype.js';
import type { Attribute, Graph, Node, Tensor } from './model.js';
import { int64Bytes } from './numeric.js';

const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** The tensor that an attribute of a Constant stands for (ONNX Constant 13: `value`, `value_float`, `value_ints`, ..). */
function tensorOfAttribute(name: string, attribute: Attribute): Tensor | undefined {
  switch (attribute.type) {
    case 'tensor':
      return { ...attribute.value, name };
    case 'float':
      return { name, dtype: FLOAT, dims: [], data: memoryBytes(floats([attribute.value])) };
    case 'floats':
      return { name, dtype: FLOAT, dims: [attribute.value.length], data: memoryBytes(floats(attribute.value)) };
    case 'int':
      return { name, dtype: INT64, dims: [], data: memoryBytes(int64Bytes([attribute.value])) };
    case 'ints':
      return { name, dtype: INT64, dims: [attribute.value.length], data: memoryBytes(int64Bytes(attribute.value)) };
    default:
      return undefined;
  }
}

/** The tensor that a Constant node makes; undefined for other nodes, strings and sparse values. */
export function constantTensor(node: Node): Tensor | undefined {
  const [attribute] = node.attributes.values();
  const [name] = node.outputs;
  const single = node.opType === 'Constant' && node.domain === '' && node.attributes.size === 1;
  return single && attribute && name ? tensorOfAttribute(name, attribute) : undefined;
}

/** All constant tensors by the name of their value. */
export function constantsOf(graph: Graph): ReadonlyMap<string, Tensor> {
  const held = graph.nodes.flatMap((node) => constantTensor(node) ?? []);
  return new Map([...graph.initializers, ...held.map((tensor) => [tensor.name, tensor] as const)]);
}
