import { describe, expect, test } from '@jest/globals';
import onnxProto from 'onnx-proto';
import { type FieldInfo, MESSAGES, type MessageInfo } from '../../lib/onnx/schema.js';

/** What came after ONNX 1.10, which is all that onnx-proto knows, and what only ONNX-ML had then. */
const NEWER: ReadonlySet<string> = new Set([
  'ModelProto.configuration',
  'NodeProto.overload',
  'NodeProto.metadata_props',
  'NodeProto.device_configurations',
  'GraphProto.metadata_props',
  'TensorProto.metadata_props',
  'ValueInfoProto.metadata_props',
  'FunctionProto.attribute_proto',
  'FunctionProto.value_info',
  'FunctionProto.overload',
  'FunctionProto.metadata_props',
  'TypeProto.opaque_type',
]);
const NEWER_MESSAGES =
  /^(DeviceConfigurationProto|NodeDeviceConfigurationProto|ShardingSpecProto|IntIntListEntryProto|.*ShardedDimProto|TypeProtoOpaque)$/;

interface Codec {
  readonly prototype: object;
  create(fields: object): object;
  encode(message: object): { finish(): Uint8Array };
}

/** TensorShapeProtoDimension is TensorShapeProto.Dimension there. */
function codecOf(message: string): Codec {
  const [outer, inner] = message.split(/(?<=Proto)(?=[A-Z])/) as [string, string | undefined];
  const found = (onnxProto.onnx as unknown as Record<string, Record<string, unknown>>)[outer];
  return (inner ? found?.[inner] : found) as unknown as Codec;
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const SAMPLES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['string', 'a'],
  ['bytes', new Uint8Array([1])],
]);

/** Number and wire type with which onnx-proto writes a field. */
function theirTag(message: MessageInfo, field: FieldInfo): readonly [number, number] {
  const sample = SAMPLES.get(field.type) ?? (field.kind === 'message' ? {} : 1);
  const codec = codecOf(message.name);
  const bytes = codec.encode(codec.create({ [camel(field.name)]: field.repeated ? [sample] : sample })).finish();
  const tag = ((bytes[0] ?? 0) & 127) + ((bytes[0] ?? 0) > 127 ? (bytes[1] ?? 0) * 128 : 0);
  return [tag >> 3, tag & 7];
}

/** onnx-proto packs all lists of numbers, which readers must take either way. */
function ourTag(field: FieldInfo): readonly [number, number] {
  const wires = { varint: 0, fixed64: 1, text: 2, bytes: 2, message: 2, fixed32: 5 };
  return [field.number, field.repeated ? 2 : wires[field.kind]];
}

const known = [...MESSAGES.values()].filter(({ name }) => !NEWER_MESSAGES.test(name));
const fieldsOf = ({ fields }: MessageInfo) => fields.filter((field) => field !== undefined);

describe('the schema, against onnx-proto', () => {
  test.each(known.map((message) => [message.name, message] as const))('%s', (name, message) => {
    const old = fieldsOf(message).filter((field) => !NEWER.has(`${name}.${field.name}`));
    expect(old.map((field) => [field.name, ...theirTag(message, field)])).toEqual(
      old.map((field) => [field.name, ...ourTag(field)]),
    );
  });

  test.each(known.map((message) => [message.name, message] as const))('%s lacks nothing', (name, message) => {
    const ours = new Set(fieldsOf(message).map((field) => camel(field.name)));
    const theirs = Object.keys(codecOf(name).prototype).filter((field) => !['value', 'dim', 'toJSON'].includes(field));
    expect(theirs.filter((field) => !ours.has(field))).toEqual([]);
  });

  test('newer fields are in the table', () => {
    for (const name of NEWER) {
      const [message = '', field = ''] = name.split('.');
      expect(fieldsOf(MESSAGES.get(message) as MessageInfo).map((info) => info.name)).toContain(field);
    }
  });
});
