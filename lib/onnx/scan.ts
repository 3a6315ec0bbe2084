/**
 * Reads the structure of a model's bytes without trusting them: bounds, wire types, text, repetitions, counts and depth
 * are checked in one pass with an explicit stack. What it returns is sound, so that protobufjs cannot fail on it, and
 * stands in three layers, so that weights need not be loaded: the model without its graph, the graph without its
 * initializers, and each initializer without its elements.
 */
import { isUtf8 } from 'node:buffer';
import { defect, externalFile, fieldRepeated, notOnnx, tooDeep, tooMany, truncated, wireFormat } from '../errors.js';
import { LAZY_PAYLOAD_BYTES, MAX_MESSAGES, MAX_PARTS, MAX_STRING_BYTES, MAX_SUBGRAPH_DEPTH } from '../limits.js';
import type { Cursor } from './cursor.js';
import { Layer, type Payload, type Scanned, type ScannedTensor, TensorLayer } from './layers.js';
import { DEPTH, type FieldInfo, MESSAGES, type MessageInfo } from './schema.js';

/** Wire types of protobuf. 3 and 4 are groups, which no ONNX message has. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Fields that decide about layers. */
const MODEL_IR_VERSION = 1;
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_EXTERNAL_DATA = 13;

/** Fields of TensorProto whose bytes are those of raw_data: float_data, raw_data, double_data. */
const PAYLOADS: ReadonlySet<number> = new Set([4, 9, 10]);

/** What a message is within the file: a layer of its own, or a part of one. */
type Role = 'model' | 'graph' | 'initializer' | 'part';

/** One message being read. */
interface Frame {
  readonly message: MessageInfo;
  readonly role: Role;
  /** Number of the field that it is in its parent, and where that field begins. */
  readonly number: number;
  readonly start: number;
  readonly end: number;
  /** Subgraphs around and including this message. */
  readonly subgraphs: number;
  /** Whether it passes untouched. */
  readonly untouched: boolean;
  /** Bits of the fields met that may be met once. */
  met: number;
}

function messageInfo(name: string): MessageInfo {
  const info = MESSAGES.get(name);
  if (!info) throw defect(`the schema lacks ${name}`);
  return info;
}

function fieldInfo(message: string, number: number): FieldInfo {
  const field = messageInfo(message).fields[number];
  if (!field) throw defect(`the schema lacks ${message} ${number}`);
  return field;
}

const fieldName = ({ message }: Frame, number: number): string =>
  `${message.name}.${message.fields[number]?.name ?? number}`;

/** Fields whose tensors pass as they are, so that external data could not be followed when the model moves. */
const UNTOUCHED: ReadonlySet<FieldInfo | undefined> = new Set([
  fieldInfo('AttributeProto', 10),
  fieldInfo('AttributeProto', 22),
  fieldInfo('AttributeProto', 23),
  fieldInfo('FunctionProto', 11),
  fieldInfo('GraphProto', 15),
  fieldInfo('ModelProto', 20),
]);

class Scanner {
  private readonly frames: Frame[] = [];
  private depth = -1;
  private parts = 0;
  private messages = 0;
  private readonly model = new Layer();
  private readonly graph = new Layer();
  private readonly tensor = new TensorLayer();
  private readonly initializers: ScannedTensor[] = [];

  constructor(private readonly cursor: Cursor) {}

  run(): Scanned {
    const root = this.enter(undefined, 'model', 0, this.cursor.size);
    while (this.depth >= 0) {
      const frame = this.top();
      if (this.cursor.position < frame.end) this.readField(frame);
      else this.leave(frame);
    }
    this.requireGraph(root.met);
    const { cursor, initializers } = this;
    return { model: this.model.take(cursor), graph: this.graph.take(cursor), initializers };
  }

  private requireGraph(met: number): void {
    if (met & (1 << MODEL_GRAPH)) return;
    const { label } = this.cursor;
    throw met & (1 << MODEL_IR_VERSION) ? truncated(label, 'it has no graph') : notOnnx(label, 'it has no graph');
  }

  private top(): Frame {
    return this.frames[this.depth] as Frame;
  }

  private enter(field: FieldInfo | undefined, role: Role, start: number, end: number): Frame {
    if (++this.messages > MAX_MESSAGES) throw tooMany(this.cursor.label, 'messages', MAX_MESSAGES);
    if (this.depth >= DEPTH) throw tooDeep(this.cursor.label, DEPTH);
    const parent = this.frames[this.depth];
    const message = messageInfo(field?.type ?? 'ModelProto');
    const subgraphs = (parent?.subgraphs ?? 0) + (message.name === 'GraphProto' && role === 'part' ? 1 : 0);
    if (subgraphs > MAX_SUBGRAPH_DEPTH) throw tooDeep(this.cursor.label, MAX_SUBGRAPH_DEPTH);
    const untouched = parent !== undefined && (parent.untouched || UNTOUCHED.has(field));
    const frame: Frame = { message, role, number: field?.number ?? 0, start, end, subgraphs, untouched, met: 0 };
    this.frames[++this.depth] = frame;
    return frame;
  }

  private leave(frame: Frame): void {
    this.depth--;
    if (frame.role === 'initializer') this.initializers.push(this.tensor.takeTensor(this.cursor));
    const parent = this.frames[this.depth];
    if (frame.role === 'part' && parent) this.keep(parent, frame.number, frame.start, undefined);
  }

  /** Adds the field that ends here to the layer that its message is, if it is one. */
  private keep(frame: Frame, number: number, start: number, payload: Payload | undefined): void {
    const end = this.cursor.position;
    if (frame.role === 'model') this.model.add(start, end);
    else if (frame.role === 'graph') this.graph.add(start, end);
    else if (frame.role === 'initializer') this.tensor.addField(number, start, end, payload);
  }

  private readField(frame: Frame): void {
    const start = this.cursor.position;
    const tag = this.cursor.varint32(frame.end);
    const number = tag >>> 3;
    const wire = tag & 7;
    if (number === 0) throw wireFormat(this.cursor.label, `field number 0 at byte ${start}`);
    this.count(1);
    const field = frame.message.fields[number];
    if (field) this.meet(frame, field);
    if (field?.kind === 'message') {
      this.require(frame, field, wire === LENGTH);
      this.enterField(frame, field, start);
      return;
    }
    const payload = field ? this.readKnown(frame, field, wire) : this.skipUnknown(frame, wire);
    this.keep(frame, number, start, payload);
  }

  /** Refuses a second value of a field that has one value, or a second of several alternatives. */
  private meet(frame: Frame, field: FieldInfo): void {
    if (field.once & frame.met) throw fieldRepeated(this.cursor.label, fieldName(frame, field.number));
    frame.met |= field.once;
    if (frame.untouched && frame.message.name === 'TensorProto' && field.number === TENSOR_EXTERNAL_DATA)
      throw externalFile('(inner)', '', 'belongs to a sparse tensor, a list of tensors or training information');
  }

  private enterField(frame: Frame, field: FieldInfo, start: number): void {
    const end = this.readLength(frame);
    const role =
      frame.role === 'model' && field.number === MODEL_GRAPH
        ? 'graph'
        : frame.role === 'graph' && field.number === GRAPH_INITIALIZER
          ? 'initializer'
          : 'part';
    this.enter(field, role, start, end);
  }

  /** Reads the length of what comes next, and says where that ends. */
  private readLength(frame: Frame): number {
    const length = this.cursor.varint32(frame.end);
    const end = this.cursor.position + length;
    if (end > frame.end) throw this.cursor.cut(frame.end, `the ${length} bytes`);
    return end;
  }

  private skip(frame: Frame, count: number): void {
    if (this.cursor.position + count > frame.end) throw this.cursor.cut(frame.end, `a number of ${count} bytes`);
    this.cursor.skip(count);
  }

  private skipUnknown(frame: Frame, wire: number): undefined {
    if (wire === VARINT) this.cursor.skipVarint(frame.end);
    else if (wire === FIXED64) this.skip(frame, 8);
    else if (wire === FIXED32) this.skip(frame, 4);
    else if (wire === LENGTH) this.cursor.skip(this.readLength(frame) - this.cursor.position);
    else throw wireFormat(this.cursor.label, `wire type ${wire} before byte ${this.cursor.position}`);
  }

  private require(frame: Frame, field: FieldInfo, fits: boolean): void {
    if (fits) return;
    const where = `${fieldName(frame, field.number)} before byte ${this.cursor.position}`;
    throw wireFormat(this.cursor.label, `the field ${where} has another wire type`);
  }

  /** Passes over a field that is no message; returns its elements if they are to stay in the file. */
  private readKnown(frame: Frame, field: FieldInfo, wire: number): Payload | undefined {
    if (wire === LENGTH) return this.readStretch(frame, field);
    const expected = field.kind === 'varint' ? VARINT : field.kind === 'fixed32' ? FIXED32 : FIXED64;
    this.require(frame, field, wire === expected && field.kind !== 'text' && field.kind !== 'bytes');
    return this.skipUnknown(frame, wire);
  }

  private readStretch(frame: Frame, field: FieldInfo): Payload | undefined {
    const end = this.readLength(frame);
    const start = this.cursor.position;
    const length = end - start;
    const held = frame.role === 'initializer' && PAYLOADS.has(field.number) && length >= LAZY_PAYLOAD_BYTES;
    if (field.kind === 'text') this.checkText(frame, field, start, end);
    else if (field.kind !== 'bytes') this.readPacked(frame, field, end, held);
    this.cursor.skip(end - this.cursor.position);
    return held ? { field: field.number, start, length } : undefined;
  }

  private readPacked(frame: Frame, field: FieldInfo, end: number, held: boolean): void {
    this.require(frame, field, field.repeated);
    if (field.kind === 'varint') {
      this.count(this.cursor.skipVarints(end));
      return;
    }
    const size = field.kind === 'fixed32' ? 4 : 8;
    const elements = (end - this.cursor.position) / size;
    if (!Number.isInteger(elements))
      throw wireFormat(this.cursor.label, `the list ${fieldName(frame, field.number)} before byte ${end} is cut`);
    if (!held) this.count(elements);
  }

  private checkText(frame: Frame, field: FieldInfo, start: number, end: number): void {
    if (end - start > MAX_STRING_BYTES) throw tooMany(this.cursor.label, 'bytes in one text', MAX_STRING_BYTES);
    if (!isUtf8(this.cursor.peek(end - start)))
      throw wireFormat(this.cursor.label, `the text ${fieldName(frame, field.number)} at byte ${start} is not UTF-8`);
  }

  private count(parts: number): void {
    this.parts += parts;
    if (this.parts > MAX_PARTS) throw tooMany(this.cursor.label, 'parts', MAX_PARTS);
  }
}

/** Checks all bytes under the cursor and sorts them into layers; throws the typed error of the first fault. */
export const scan = (cursor: Cursor): Scanned => new Scanner(cursor).run();
