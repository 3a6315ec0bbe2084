/** What a model is made of: versions, inputs and outputs, operators, weights. Needs no analysis, so it never fails. */

import type { FactsMap } from '../analysis/shapes.js';
import { constantsOf } from '../ir/constants.js';
import { type Dim, dimText, isSymbolic } from '../ir/dim.js';
import { dtypeName, REAL_TYPES } from '../ir/dtype.js';
import type { Model, Tensor, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { elementCount, tensorByteLength } from '../ir/numeric.js';
import { graphsOf } from '../ir/walk.js';
import { MAX_IR_VERSION, MAX_OPSET } from '../limits.js';

/** A graph input or output. */
export interface ValueReport {
  readonly name: string;
  /** Its element type; null where it is no tensor or says nothing. */
  readonly dtype: string | null;
  /** Lengths of its axes, a text for a symbolic one; null where even the rank is unknown. */
  readonly shape: readonly (number | string)[] | null;
}

/** How often an operator stands in a model. */
export interface OperatorCount {
  /** '' for ONNX's own operators. */
  readonly domain: string;
  readonly op: string;
  readonly count: number;
}

/** Constant tensors of one element type. */
export interface TypeReport {
  readonly dtype: string;
  readonly tensors: number;
  readonly bytes: number;
}

/** A function that the file defines and its nodes call. */
export interface FunctionReport {
  readonly domain: string;
  readonly name: string;
  /** Nodes of its body. */
  readonly nodes: number;
}

/** An entry of the model's metadata_props. */
export interface MetadataEntry {
  readonly key: string;
  readonly value: string;
}

/** How many weights a model has, and how large they are. */
export interface WeightsReport {
  /** Constant tensors: initializers and those of Constant nodes, subgraphs included. */
  readonly tensors: number;
  /** Elements of those of a real type (float32, float16, bfloat16, float64). */
  readonly parameters: number;
  /** Bytes of all of them, whatever their type, external data included. */
  readonly bytes: number;
  /** Bytes by element type, most first. */
  readonly types: readonly TypeReport[];
}

/** What a model is made of. */
export interface Contents {
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly producer: string;
  readonly inputs: readonly ValueReport[];
  readonly outputs: readonly ValueReport[];
  /** Nodes of the graph and its subgraphs by operator, most first. Bodies of local functions are not counted. */
  readonly operators: readonly OperatorCount[];
  readonly functions: number;
  readonly localFunctions: readonly FunctionReport[];
  readonly metadata: readonly MetadataEntry[];
  readonly weights: WeightsReport;
}

/** A length as reports have it: a text for an open one. */
export const dimReport = (dim: Dim): number | string => (isSymbolic(dim) ? dimText(dim) : dim);

const valueReport = ({ name, dtype, shape }: Value): ValueReport => ({
  name,
  dtype: dtype === undefined ? null : dtypeName(dtype),
  shape: shape?.map(dimReport) ?? null,
});

/** All constant tensors of a model, those of subgraphs too. */
const allConstants = (model: Model): readonly Tensor[] =>
  [...graphsOf(model.graph)].flatMap((graph) => [...constantsOf(graph).values()]);

/** Nodes by operator, most first, then by name. */
function countOperators(model: Model): readonly OperatorCount[] {
  const counts = new Map<string, OperatorCount>();
  for (const graph of graphsOf(model.graph)) {
    for (const { domain, opType: op } of graph.nodes) {
      const key = `${domain}\u0000${op}`;
      counts.set(key, { domain, op, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.op < b.op ? -1 : 1));
}

/** Sums up the constant tensors of a model without reading them. */
export function weightsOf(model: Model): WeightsReport {
  const tensors = allConstants(model);
  const types = new Map<string, TypeReport>();
  let [parameters, bytes] = [0, 0];
  for (const tensor of tensors) {
    const own = tensorByteLength(tensor);
    const dtype = dtypeName(tensor.dtype);
    const known = types.get(dtype);
    types.set(dtype, { dtype, tensors: (known?.tensors ?? 0) + 1, bytes: (known?.bytes ?? 0) + own });
    bytes += own;
    if (REAL_TYPES.has(tensor.dtype)) parameters += elementCount(tensor.dims);
  }
  const sorted = [...types.values()].sort((a, b) => b.bytes - a.bytes);
  return { tensors: tensors.length, parameters, bytes, types: sorted };
}

/** The parameters of a model, as `WeightsReport` counts them, if its values had these shapes. */
export function countParameters(model: Model, facts: FactsMap): number {
  const dimsOf = ({ name, dims }: Tensor): readonly number[] =>
    (facts.get(name)?.shape ?? dims).map((dim) => (isSymbolic(dim) ? dim.coefficient : dim));
  const count = (tensor: Tensor, dims: readonly number[]) => (REAL_TYPES.has(tensor.dtype) ? elementCount(dims) : 0);
  const [own, ...inner] = [...graphsOf(model.graph)].map((graph) => [...constantsOf(graph).values()]);
  return (
    (own ?? []).reduce((sum, tensor) => sum + count(tensor, dimsOf(tensor)), 0) +
    inner.flat().reduce((sum, tensor) => sum + count(tensor, tensor.dims), 0)
  );
}

/** Describes a model. An initializer that stands among the inputs (IR 3 and before) is not listed as one. */
export function contentsOf(model: Model): Contents {
  const { graph } = model;
  return {
    irVersion: model.irVersion,
    opsets: [...model.opsets].map(([domain, version]) => ({ domain, version })),
    producer: model.producer,
    inputs: fedInputs(graph).map(valueReport),
    outputs: graph.outputs.map(valueReport),
    operators: countOperators(model),
    functions: model.functions.length,
    localFunctions: model.functions.map(({ domain, name, nodes }) => ({ domain, name, nodes: nodes.length })),
    metadata: [...model.metadata].map(([key, value]) => ({ key, value })),
    weights: weightsOf(model),
  };
}

/** A line for each version that is newer than those that the rules were checked against. */
export function versionNotes(model: Model): readonly string[] {
  const newer = (what: string, version: number, known: number) =>
    version > known ? [`${what} ${version} is newer than ${known}, the newest known here; transforms refuse it`] : [];
  return [
    ...newer('IR version', model.irVersion, MAX_IR_VERSION),
    ...newer('opset', model.opsets.get('') ?? 0, MAX_OPSET),
  ];
}
