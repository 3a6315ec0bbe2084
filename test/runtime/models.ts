/** Tiny models for tests of the runtime, encoded by an encoder that is not ours. */
import onnxProto from 'onnx-proto';
import { FLOAT } from '../../lib/ir/dtype.js';

const { ModelProto } = onnxProto.onnx;

/** A declared input or output: its name, element type and axes (a string is an open axis). */
export interface Declared {
  readonly name: string;
  readonly dtype?: number;
  readonly dims: readonly (number | string)[];
}

export interface TinyModel {
  /** `[op type, inputs, outputs]` */
  readonly nodes: readonly (readonly [string, readonly string[], readonly string[]])[];
  readonly inputs: readonly Declared[];
  readonly outputs: readonly Declared[];
  /** float32 weights: name, dims, elements. */
  readonly weights?: readonly (readonly [string, readonly number[], readonly number[]])[];
  readonly irVersion?: number;
}

const declared = ({ name, dtype = FLOAT, dims }: Declared) => ({
  name,
  type: {
    tensorType: {
      elemType: dtype,
      shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) },
    },
  },
});

/** The model's bytes, opset 17. */
export function tinyModel(model: TinyModel): Uint8Array {
  const graph = {
    name: 'tiny',
    node: model.nodes.map(([opType, input, output]) => ({ opType, input: [...input], output: [...output] })),
    input: model.inputs.map(declared),
    output: model.outputs.map(declared),
    initializer: (model.weights ?? []).map(([name, dims, floatData]) => ({
      name,
      dims: [...dims],
      dataType: FLOAT,
      floatData: [...floatData],
    })),
  };
  const message = { irVersion: model.irVersion ?? 8, opsetImport: [{ domain: '', version: 17 }], graph };
  return ModelProto.encode(message).finish();
}

/** y = op(x), both of the same type and shape. */
export const unary = (op: string, dims: Declared['dims'], dtype = FLOAT): Uint8Array =>
  tinyModel({
    nodes: [[op, ['x'], ['y']]],
    inputs: [{ name: 'x', dtype, dims }],
    outputs: [{ name: 'y', dtype, dims }],
  });

/** logits = x W, x float32 [batch, rows of W]. */
export function linear(weight: readonly (readonly number[])[], batch: number | string = 'batch'): Uint8Array {
  const [rows, columns] = [weight.length, weight[0]?.length ?? 0];
  return tinyModel({
    nodes: [['MatMul', ['x', 'W'], ['logits']]],
    inputs: [{ name: 'x', dims: [batch, rows] }],
    outputs: [{ name: 'logits', dims: [batch, columns] }],
    weights: [['W', [rows, columns], weight.flat()]],
  });
}
