/**
 * Bytes of models made by hand, so that a test can break any rule of the format: nothing here is checked, and whatever
 * order, repetition or nonsense is asked for is written.
 */

/** Several stretches of bytes as one. */
export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A number as protobuf's varint; negative ones take ten bytes. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** Field number and wire type. */
export const tag = (number: number, wire: number): Uint8Array => varint(number * 8 + wire);

/** A field with a varint. */
export const int = (number: number, value: number | bigint): Uint8Array => join(tag(number, 0), varint(value));

/** A field with contents: bytes, text, or a message. */
export function block(number: number, contents: Uint8Array | string = new Uint8Array(0)): Uint8Array {
  const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
  return join(tag(number, 2), varint(bytes.length), bytes);
}

/** A field with several varints in one block. */
export const packed = (number: number, values: readonly (number | bigint)[]): Uint8Array =>
  block(number, join(...values.map(varint)));

/** `count` zero bytes, or of another value. */
export const filled = (count: number, value = 0): Uint8Array => new Uint8Array(count).fill(value);

/** Floats as their bytes. */
export const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** Doubles as their bytes. */
export const doubles = (values: readonly number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);

/** One field of each wire type that no message of ONNX knows. */
export const UNKNOWN: Uint8Array = join(
  block(1000, 'unknown'),
  int(1001, 5),
  join(tag(1002, 5), filled(4, 7)),
  join(tag(1003, 1), filled(8, 9)),
  block(1000, 'again'),
);

/** StringStringEntryProto. */
export const entry = (key: string, value: string): Uint8Array => join(block(1, key), block(2, value));

export interface TensorWire {
  readonly name?: string;
  readonly dtype?: number;
  readonly dims?: readonly (number | bigint)[];
  readonly raw?: Uint8Array;
  /** Entries of external_data; sets data_location too. */
  readonly external?: Readonly<Record<string, string>>;
  /** Further fields. */
  readonly more?: Uint8Array;
}

/** TensorProto, float32 unless told. */
export const tensor = ({ name = 'w', dtype = 1, dims = [], raw, external, more }: TensorWire): Uint8Array =>
  join(
    ...dims.map((dim) => int(1, dim)),
    int(2, dtype),
    block(8, name),
    ...(raw ? [block(9, raw)] : []),
    ...Object.entries(external ?? {}).map(([key, value]) => block(13, entry(key, value))),
    ...(external ? [int(14, 1)] : []),
    more ?? filled(0),
  );

/** NodeProto. `more` holds attributes (field 5), for instance. */
export const node = (op: string, inputs: readonly string[], outputs: readonly string[], more = filled(0)): Uint8Array =>
  join(...inputs.map((name) => block(1, name)), ...outputs.map((name) => block(2, name)), block(4, op), more);

/** AttributeProto of a type, with the field that holds its value. */
export const attribute = (name: string, type: number, value: Uint8Array): Uint8Array =>
  join(block(1, name), int(20, type), value);

/** ValueInfoProto of a tensor; '' is an axis without length, undefined no shape at all. */
export const value = (name: string, dtype = 1, dims?: readonly (number | string)[]): Uint8Array => {
  const dim = (length: number | string) =>
    block(1, typeof length === 'number' ? int(1, length) : length === '' ? filled(0) : block(2, length));
  const shape = dims ? block(2, join(...dims.map(dim))) : filled(0);
  return join(block(1, name), block(2, block(1, join(int(1, dtype), shape))));
};

export interface GraphWire {
  readonly nodes?: readonly Uint8Array[];
  readonly initializers?: readonly Uint8Array[];
  readonly inputs?: readonly Uint8Array[];
  readonly outputs?: readonly Uint8Array[];
  readonly more?: Uint8Array;
}

/** GraphProto. */
export const graph = ({ nodes = [], initializers = [], inputs = [], outputs = [], more }: GraphWire): Uint8Array =>
  join(
    ...nodes.map((item) => block(1, item)),
    block(2, 'g'),
    ...initializers.map((item) => block(5, item)),
    ...inputs.map((item) => block(11, item)),
    ...outputs.map((item) => block(12, item)),
    more ?? filled(0),
  );

/** OperatorSetIdProto. */
export const opset = (version: number, domain = ''): Uint8Array => join(block(1, domain), int(2, version));

/** ModelProto, in the order in which exporters write it. `more` comes last. */
export const model = (graphBytes: Uint8Array, more = filled(0), irVersion = 10): Uint8Array =>
  join(int(1, irVersion), block(7, graphBytes), block(8, opset(17)), more);

/** The smallest sound model: y = Relu(x), and what else the graph is given. */
export const relu = (parts: GraphWire = {}): Uint8Array =>
  model(
    graph({
      nodes: [node('Relu', ['x'], ['y'])],
      inputs: [value('x', 1, [2])],
      outputs: [value('y', 1, [2])],
      ...parts,
    }),
  );

/** A graph within a node within a graph, `depth` deep. */
export function nested(depth: number): Uint8Array {
  let inner = graph({});
  for (let i = 0; i < depth; i++)
    inner = graph({ nodes: [node('If', ['c'], ['y'], block(5, attribute('then_branch', 5, block(6, inner))))] });
  return model(inner);
}
