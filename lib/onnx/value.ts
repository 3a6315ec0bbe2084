/** ValueInfoProto and Value: names with types and shapes, both ways. */
import { type Dim, dimText, isSymbolic, type Shape, sameDim, symbol } from '../ir/dim.js';
import type { Value } from '../ir/model.js';
import type {
  DimensionProto,
  SequenceTypeProto,
  TensorShapeProto,
  TensorTypeProto,
  TypeProto,
  ValueInfoProto,
} from './messages.js';
import { decoded, messageOf, originOf, text } from './origin.js';
import { has, messageType, overlay, toNumber } from './protobuf.js';

const VALUE = messageType<ValueInfoProto>('ValueInfoProto');
const TYPE = messageType<TypeProto>('TypeProto');
const TENSOR_TYPE = messageType<TensorTypeProto>('TypeProtoTensor');
const SEQUENCE = messageType<SequenceTypeProto>('TypeProtoSequence');
const SHAPE = messageType<TensorShapeProto>('TensorShapeProto');
const DIMENSION = messageType<DimensionProto>('TensorShapeProtoDimension');

/** Begins the symbols of lengths that the file says nothing about; they are written as nothing again. */
const UNKNOWN = '?';

/** A length; unknown ones (exporters also write -1) become a symbol of their own. */
function toDim(message: DimensionProto, value: string, axis: number): Dim {
  if (message.dim_param !== '') return symbol(message.dim_param);
  const length = has(message, 'dim_value') ? toNumber(message.dim_value) : -1;
  return length >= 0 ? length : symbol(`${UNKNOWN}${value}.${axis}`);
}

export function toValue(message: ValueInfoProto): Value {
  const tensor = message.type?.tensor_type;
  const dtype = tensor && tensor.elem_type !== 0 ? tensor.elem_type : undefined;
  const shape = tensor?.shape?.dim.map((dim, axis) => toDim(dim, message.name, axis));
  const elements = message.type?.sequence_type?.elem_type?.tensor_type?.elem_type;
  const sequence = elements ? { elements } : {};
  return decoded(VALUE, message, (origin): Value => ({ name: message.name, dtype, shape, ...sequence, origin }));
}

function dimensionMessage(dim: Dim, old: DimensionProto | undefined): DimensionProto {
  const unknown = isSymbolic(dim) && dim.symbols.some((name) => name.startsWith(UNKNOWN));
  return overlay(DIMENSION, old, {
    dim_value: isSymbolic(dim) ? undefined : dim,
    dim_param: isSymbolic(dim) && !unknown ? dimText(dim) : undefined,
  });
}

/** A shape; what is said about the axes (denotations) stays while their number does. */
function shapeMessage(shape: Shape, before: Shape | undefined, old: TensorShapeProto | null | undefined) {
  const kept = old?.dim.length === shape.length ? old : undefined;
  const dim = shape.map((length, axis) => {
    const [message, was] = [kept?.dim[axis], before?.[axis]];
    return message && was !== undefined && sameDim(length, was) ? message : dimensionMessage(length, message);
  });
  return overlay(SHAPE, kept, { dim });
}

/** A sequence of tensors of any shape. */
const sequenceMessage = (elements: number): TypeProto => {
  const elem_type = overlay(TYPE, undefined, { tensor_type: overlay(TENSOR_TYPE, undefined, { elem_type: elements }) });
  return overlay(TYPE, undefined, { sequence_type: overlay(SEQUENCE, undefined, { elem_type }) });
};

function typeMessage({ dtype, shape, elements }: Value, before: Value | undefined, old: TypeProto | null | undefined) {
  if (elements !== undefined) return sequenceMessage(elements);
  if (dtype === undefined && shape === undefined) return undefined;
  const tensor = old?.tensor_type ?? undefined;
  return overlay(TYPE, tensor && old ? old : undefined, {
    tensor_type: overlay(TENSOR_TYPE, tensor, {
      elem_type: dtype,
      shape: shape && shapeMessage(shape, before?.shape, tensor?.shape),
    }),
  });
}

export function valueMessage(value: Value): ValueInfoProto {
  const origin = originOf<ValueInfoProto, Value>(VALUE, value);
  const message = messageOf(VALUE, value, { name: (name) => ({ name: text(name) }) });
  const before = origin?.view;
  if (before && value.dtype === before.dtype && value.shape === before.shape) return message;
  return overlay(VALUE, message, { type: typeMessage(value, before, origin?.message.type) });
}
