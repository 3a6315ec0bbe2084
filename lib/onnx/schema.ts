/**
 * The schema of ONNX files, IR version 14: every message with its fields' numbers, names and types, as the format fixes
 * them (onnx.proto, ONNX 1.23). One table feeds both the scanner and protobufjs, so that the two cannot disagree.
 */
import protobuf from 'protobufjs';
import { MAX_MESSAGE_DEPTH } from '../limits.js';

/**
 * `number name type`; `*` repeated, `[]` repeated and packed, `|` one of the message's alternatives. Floats stand as
 * fixed32 and doubles as fixed64: the same bytes, and a NaN keeps its bits.
 */
const TABLE = `
ModelProto: 1 ir_version int64, 2 producer_name string, 3 producer_version string, 4 domain string,
  5 model_version int64, 6 doc_string string, 7 graph GraphProto, 8 opset_import OperatorSetIdProto*,
  14 metadata_props StringStringEntryProto*, 20 training_info TrainingInfoProto*, 25 functions FunctionProto*,
  26 configuration DeviceConfigurationProto*;
OperatorSetIdProto: 1 domain string, 2 version int64;
StringStringEntryProto: 1 key string, 2 value string;
DeviceConfigurationProto: 1 name string, 2 num_devices int32, 3 device string*;
TrainingInfoProto: 1 initialization GraphProto, 2 algorithm GraphProto,
  3 initialization_binding StringStringEntryProto*, 4 update_binding StringStringEntryProto*;
FunctionProto: 1 name string, 4 input string*, 5 output string*, 6 attribute string*, 7 node NodeProto*,
  8 doc_string string, 9 opset_import OperatorSetIdProto*, 10 domain string, 11 attribute_proto AttributeProto*,
  12 value_info ValueInfoProto*, 13 overload string, 14 metadata_props StringStringEntryProto*;
GraphProto: 1 node NodeProto*, 2 name string, 5 initializer TensorProto*, 10 doc_string string,
  11 input ValueInfoProto*, 12 output ValueInfoProto*, 13 value_info ValueInfoProto*,
  14 quantization_annotation TensorAnnotation*, 15 sparse_initializer SparseTensorProto*,
  16 metadata_props StringStringEntryProto*;
TensorAnnotation: 1 tensor_name string, 2 quant_parameter_tensor_names StringStringEntryProto*;
NodeProto: 1 input string*, 2 output string*, 3 name string, 4 op_type string, 5 attribute AttributeProto*,
  6 doc_string string, 7 domain string, 8 overload string, 9 metadata_props StringStringEntryProto*,
  10 device_configurations NodeDeviceConfigurationProto*;
NodeDeviceConfigurationProto: 1 configuration_id string, 2 sharding_spec ShardingSpecProto*, 3 pipeline_stage int32;
ShardingSpecProto: 1 tensor_name string, 2 device int64*, 3 index_to_device_group_map IntIntListEntryProto*,
  4 sharded_dim ShardedDimProto*;
IntIntListEntryProto: 1 key int64, 2 value int64*;
ShardedDimProto: 1 axis int64, 2 simple_sharding SimpleShardedDimProto*;
SimpleShardedDimProto: 1 dim_value int64|, 2 dim_param string|, 3 num_shards int64;
AttributeProto: 1 name string, 2 f fixed32, 3 i int64, 4 s bytes, 5 t TensorProto, 6 g GraphProto, 7 floats fixed32*,
  8 ints int64*, 9 strings bytes*, 10 tensors TensorProto*, 11 graphs GraphProto*, 13 doc_string string,
  14 tp TypeProto, 15 type_protos TypeProto*, 20 type int32, 21 ref_attr_name string,
  22 sparse_tensor SparseTensorProto, 23 sparse_tensors SparseTensorProto*;
TensorProto: 1 dims int64*, 2 data_type int32, 3 segment TensorProtoSegment, 4 float_data fixed32[],
  5 int32_data int32[], 6 string_data bytes*, 7 int64_data int64[], 8 name string, 9 raw_data bytes,
  10 double_data fixed64[], 11 uint64_data uint64[], 12 doc_string string, 13 external_data StringStringEntryProto*,
  14 data_location int32, 16 metadata_props StringStringEntryProto*;
TensorProtoSegment: 1 begin int64, 2 end int64;
SparseTensorProto: 1 values TensorProto, 2 indices TensorProto, 3 dims int64*;
ValueInfoProto: 1 name string, 2 type TypeProto, 3 doc_string string, 4 metadata_props StringStringEntryProto*;
TypeProto: 1 tensor_type TypeProtoTensor|, 4 sequence_type TypeProtoSequence|, 5 map_type TypeProtoMap|,
  6 denotation string, 7 opaque_type TypeProtoOpaque|, 8 sparse_tensor_type TypeProtoSparseTensor|,
  9 optional_type TypeProtoOptional|;
TypeProtoTensor: 1 elem_type int32, 2 shape TensorShapeProto;
TypeProtoSequence: 1 elem_type TypeProto;
TypeProtoMap: 1 key_type int32, 2 value_type TypeProto;
TypeProtoOptional: 1 elem_type TypeProto;
TypeProtoSparseTensor: 1 elem_type int32, 2 shape TensorShapeProto;
TypeProtoOpaque: 1 domain string, 2 name string;
TensorShapeProto: 1 dim TensorShapeProtoDimension*;
TensorShapeProtoDimension: 1 dim_value int64|, 2 dim_param string|, 3 denotation string;
`;

/** How a field's bytes are read. */
export type FieldKind = 'varint' | 'fixed32' | 'fixed64' | 'text' | 'bytes' | 'message';

export interface FieldInfo {
  readonly number: number;
  readonly name: string;
  /** The type as the table names it. */
  readonly type: string;
  readonly kind: FieldKind;
  readonly repeated: boolean;
  readonly packed: boolean;
  /** A bit that may be met once in a message: a field's own, or the one that alternatives share. 0 if repeated. */
  readonly once: number;
}

export interface MessageInfo {
  readonly name: string;
  /** Fields by their number. */
  readonly fields: readonly (FieldInfo | undefined)[];
}

const KINDS: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ['int32', 'varint'],
  ['int64', 'varint'],
  ['uint64', 'varint'],
  ['fixed32', 'fixed32'],
  ['fixed64', 'fixed64'],
  ['string', 'text'],
  ['bytes', 'bytes'],
]);

/** The bit that all alternatives of a message share. */
const ALTERNATIVE = 1;

function parseField(text: string): FieldInfo {
  const [number = '', name = '', typeText = ''] = text.trim().split(' ');
  const type = typeText.replace(/[^\w]/g, '');
  const mark = typeText.slice(type.length);
  const repeated = mark === '*' || mark === '[]';
  const once = repeated ? 0 : mark === '|' ? ALTERNATIVE : 1 << Number(number);
  return {
    number: Number(number),
    name,
    type,
    kind: KINDS.get(type) ?? 'message',
    repeated,
    packed: mark === '[]',
    once,
  };
}

function parseMessage(text: string): MessageInfo {
  const [name = '', list = ''] = text.trim().split(':');
  const fields: FieldInfo[] = [];
  for (const field of list.split(',').map(parseField)) fields[field.number] = field;
  return { name, fields };
}

/** All messages by name. */
export const MESSAGES: ReadonlyMap<string, MessageInfo> = new Map(
  TABLE.split(';')
    .filter((text) => text.trim() !== '')
    .map(parseMessage)
    .map((message) => [message.name, message]),
);

/** Deepest nesting of messages: ours, or the 100 at which protobuf libraries (ONNX Runtime's too) stop. */
export const DEPTH = Math.min(MAX_MESSAGE_DEPTH, protobuf.util.recursionLimit);

function description(message: MessageInfo): protobuf.IType {
  const fields: Record<string, protobuf.IField> = {};
  for (const field of message.fields) {
    if (!field) continue;
    const options = field.packed ? { options: { packed: true } } : {};
    fields[field.name] = {
      id: field.number,
      type: field.type,
      ...(field.repeated && { rule: 'repeated' }),
      ...options,
    };
  }
  return { edition: 'proto2', fields };
}

/** The schema as protobufjs reads and writes by it. */
export const ROOT: protobuf.Root = protobuf.Root.fromJSON({
  nested: Object.fromEntries([...MESSAGES.values()].map((message) => [message.name, description(message)])),
});
ROOT.resolveAll();
