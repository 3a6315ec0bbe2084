/**
 * The model as the rest of the code sees it: a thin, immutable view over the decoded file. Each object keeps the message
 * that it came from (`origin`), so that what nobody edits is written back as it was read, unknown fields included.
 */
import type { Bytes } from './bytes.js';
import type { Shape } from './dim.js';

/** The decoded message behind an object. Only lib/onnx looks inside; an edit copies it along: `{ ...node, inputs }`. */
export type Origin = object;

/** A model: a graph and the versions that give it its meaning. */
export interface Model {
  /** Where it came from, for messages: a path, or what made it. */
  readonly label: string;
  readonly irVersion: number;
  /** Version by operator domain; '' is ONNX's own ('ai.onnx' is folded into it). */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly graph: Graph;
  readonly functions: readonly LocalFunction[];
  /** The model's metadata_props. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly origin?: Origin;
}

/** A graph of nodes, the model's own or one inside a node. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Types and shapes that the exporter noted for inner values. */
  readonly valueInfo: readonly Value[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Names that sparse initializers define; their contents pass untouched. */
  readonly sparseInitializers: readonly string[];
  readonly origin?: Origin;
}

/** One operator of a graph, with what goes in and comes out. */
export interface Node {
  readonly name: string;
  readonly opType: string;
  /** '' for ONNX's own operators. */
  readonly domain: string;
  /** '' where an optional input is left out. */
  readonly inputs: readonly string[];
  /** '' where an optional output is left out. */
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Which of several local functions of one name is called; undefined for the only one. */
  readonly overload?: string;
  readonly origin?: Origin;
}

/** AttributeProto by its type. Integers may exceed 2^53 (INT64_MAX as an open end); such ones are not exact here. */
export type Attribute = { readonly origin?: Origin } & (
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'tensor'; readonly value: Tensor }
  | { readonly type: 'graph'; readonly value: Graph }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'graphs'; readonly value: readonly Graph[] }
  /** Within a local function: what the call gives under the name `value`, of an AttributeProto.AttributeType. */
  | { readonly type: 'ref'; readonly value: string; readonly kind: number }
  | { readonly type: 'other'; readonly value: undefined }
);

/** A name with a type: a graph's input, output or inner value. */
export interface Value {
  readonly name: string;
  /** Element type; undefined where the value is no tensor (a sequence, a map) or says nothing. */
  readonly dtype: number | undefined;
  readonly shape: Shape | undefined;
  /** For a sequence of tensors their element type; `dtype` and `shape` are undefined then. */
  readonly elements?: number;
  readonly origin?: Origin;
}

/** A constant tensor: an initializer, or the attribute of a node. */
export interface Tensor {
  readonly name: string;
  /** A number of ir/dtype. */
  readonly dtype: number;
  readonly dims: readonly number[];
  /** The elements as in raw_data: little-endian, row-major. Undefined for strings. */
  readonly data: Bytes | undefined;
  readonly origin?: Origin;
}

/** A function that nodes of the model call. */
export interface LocalFunction {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes that a call may leave out, with what they are then. */
  readonly defaults: ReadonlyMap<string, Attribute>;
  /** The versions that its body is written in, by operator domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly Node[];
  readonly origin?: Origin;
}
