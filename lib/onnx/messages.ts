/**
 * The decoded messages that the code looks into, as protobufjs gives them: an absent field reads as its default ('', 0,
 * an empty list), and is an own property only if it is present. Other messages pass as they are.
 */

/** A 64-bit integer as protobufjs holds it. */
export interface Int64 {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

/** Read as Int64; plain numbers may be written. */
export type Integer = Int64 | number;

export interface EntryProto {
  readonly key: string;
  readonly value: string;
}

export interface OperatorSetIdProto {
  readonly domain: string;
  readonly version: Integer;
}

/** Without its graph, which is decoded by itself. */
export interface ModelProto {
  readonly ir_version: Integer;
  readonly opset_import: readonly OperatorSetIdProto[];
  readonly producer_name: string;
  readonly producer_version: string;
  readonly metadata_props: readonly EntryProto[];
  readonly functions: readonly FunctionProto[];
}

/** The main graph's stands without its initializers, which are decoded one by one. */
export interface GraphProto {
  readonly name: string;
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly sparse_initializer: readonly SparseTensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly value_info: readonly ValueInfoProto[];
}

export interface NodeProto {
  readonly name: string;
  readonly op_type: string;
  readonly domain: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly AttributeProto[];
  readonly overload: string;
  readonly metadata_props: readonly EntryProto[];
}

export interface FunctionProto {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute_proto: readonly AttributeProto[];
  readonly opset_import: readonly OperatorSetIdProto[];
  readonly node: readonly NodeProto[];
}

export interface AttributeProto {
  readonly name: string;
  readonly ref_attr_name: string;
  readonly type: number;
  /** The bits of a float32. */
  readonly f: number;
  readonly i: Integer;
  readonly s: Uint8Array;
  readonly t: TensorProto;
  readonly g: GraphProto;
  /** The bits of float32s. */
  readonly floats: readonly number[];
  readonly ints: readonly Integer[];
  readonly strings: readonly Uint8Array[];
  readonly graphs: readonly GraphProto[];
  /** The rest passes as it is. */
  readonly tp: object | null;
  readonly sparse_tensor: object | null;
  readonly tensors: readonly object[];
  readonly type_protos: readonly object[];
  readonly sparse_tensors: readonly object[];
}

export interface TensorProto {
  readonly name: string;
  readonly data_type: number;
  readonly dims: readonly Integer[];
  readonly raw_data: Uint8Array;
  /** The bits of float32s. */
  readonly float_data: readonly number[];
  readonly int32_data: readonly number[];
  readonly string_data: readonly Uint8Array[];
  readonly int64_data: readonly Int64[];
  /** The bits of float64s. */
  readonly double_data: readonly Int64[];
  readonly uint64_data: readonly Int64[];
  readonly external_data: readonly EntryProto[];
  readonly data_location: number;
}

export interface SparseTensorProto {
  readonly values: TensorProto | null;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type: TypeProto | null;
}

export interface TypeProto {
  readonly tensor_type: TensorTypeProto | null;
  readonly sequence_type: SequenceTypeProto | null;
}

export interface SequenceTypeProto {
  readonly elem_type: TypeProto | null;
}

export interface TensorTypeProto {
  readonly elem_type: number;
  readonly shape: TensorShapeProto | null;
}

export interface TensorShapeProto {
  readonly dim: readonly DimensionProto[];
}

export interface DimensionProto {
  readonly dim_value: Integer;
  readonly dim_param: string;
}
