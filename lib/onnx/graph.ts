/** NodeProto, GraphProto and FunctionProto, and what the IR makes of them, both ways. */
import { defect, nameDuplicate, quoted } from '../errors.js';
import type { Attribute, Graph, LocalFunction, Node, Origin, Tensor } from '../ir/model.js';
import { attributeMessage, toAttribute } from './attribute.js';
import type { FunctionProto, GraphProto, NodeProto, SparseTensorProto } from './messages.js';
import { opsetMessages, toDomain } from './opsets.js';
import { decoded, messageOf, originOf, text, type Writers } from './origin.js';
import { messageType, toNumber } from './protobuf.js';
import type { InnerTensors } from './tensor.js';
import { tensorMessage } from './tensor-message.js';
import { toValue, valueMessage } from './value.js';

const NODE = messageType<NodeProto>('NodeProto');
export const GRAPH = messageType<GraphProto>('GraphProto');
const FUNCTION = messageType<FunctionProto>('FunctionProto');

/** Things by name; throws NAME_DUPLICATE. */
function byName<T>(what: string, entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  const map = new Map(entries);
  if (map.size === entries.length) return map;
  const seen = new Set<string>();
  const [name = ''] = entries.find(([name]) => seen.size === seen.add(name).size) ?? [];
  throw nameDuplicate(what, name);
}

const NO_ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map();

function toNode(message: NodeProto, tensors: InnerTensors): Node {
  const reader = { node: message, tensors, toGraph: (graph: GraphProto) => toSubgraph(graph, tensors) };
  const { name, op_type: opType, input: inputs, output: outputs } = message;
  const entries = message.attribute.map((item) => [item.name, toAttribute(item, reader)] as const);
  const attributes =
    entries.length === 0 ? NO_ATTRIBUTES : byName(`in a ${quoted(opType)} node, the attribute`, entries);
  const domain = toDomain(message.domain);
  const overload = message.overload === '' ? {} : { overload: message.overload };
  const make = (origin: Origin): Node => ({ name, opType, domain, inputs, outputs, attributes, ...overload, origin });
  return decoded(NODE, message, make);
}

/** The graph in a message, with its initializers, which may have been decoded by themselves. */
export function toGraph(message: GraphProto, initializers: readonly Tensor[], tensors: InnerTensors): Graph {
  const view = {
    name: message.name,
    nodes: message.node.map((node) => toNode(node, tensors)),
    inputs: message.input.map(toValue),
    outputs: message.output.map(toValue),
    valueInfo: message.value_info.map(toValue),
    initializers: byName(
      'the initializer',
      initializers.map((tensor) => [tensor.name, tensor] as const),
    ),
    sparseInitializers: message.sparse_initializer.map(sparseName),
  };
  return decoded(GRAPH, message, (origin): Graph => ({ ...view, origin }));
}

const toSubgraph = (message: GraphProto, tensors: InnerTensors): Graph =>
  toGraph(
    message,
    message.initializer.map((tensor) => tensors.toTensor(tensor)),
    tensors,
  );

const sparseName = (message: SparseTensorProto): string => message.values?.name ?? '';

/** The defaults of a function's attributes, read as those of a node would be. */
function toAttributes(message: FunctionProto, tensors: InnerTensors): ReadonlyMap<string, Attribute> {
  const node = { name: message.name, op_type: 'function', output: message.output } as const;
  const reader = { node, tensors, toGraph: (graph: GraphProto) => toSubgraph(graph, tensors) };
  const entries = message.attribute_proto.map((item) => [item.name, toAttribute(item, reader)] as const);
  return byName(`in the function ${quoted(message.name)}, the attribute`, entries);
}

export function toFunction(message: FunctionProto, tensors: InnerTensors): LocalFunction {
  const view = {
    domain: toDomain(message.domain),
    name: message.name,
    overload: message.overload,
    inputs: message.input,
    outputs: message.output,
    defaults: toAttributes(message, tensors),
    opsets: new Map(message.opset_import.map(({ domain, version }) => [toDomain(domain), toNumber(version)])),
    nodes: message.node.map((node) => toNode(node, tensors)),
  };
  return decoded(FUNCTION, message, (origin): LocalFunction => ({ ...view, origin }));
}

const NODE_WRITERS: Writers<NodeProto, Node> = {
  name: (name) => ({ name: text(name) }),
  opType: (op_type) => ({ op_type: text(op_type) }),
  domain: (domain) => ({ domain: text(domain) }),
  inputs: (input) => ({ input }),
  outputs: (output) => ({ output }),
  attributes: (attributes) => ({ attribute: attributeMessages(attributes) }),
  overload: (overload = '') => ({ overload: text(overload) }),
};

const attributeMessages = (attributes: ReadonlyMap<string, Attribute>) =>
  [...attributes].map(([name, attribute]) => attributeMessage(name, attribute, graphMessage));

/** What the file notes about a node that was read, by key; later entries of one key count. */
export const nodeMetadata = (node: Node): ReadonlyMap<string, string> =>
  new Map((originOf(NODE, node)?.message.metadata_props ?? []).map(({ key, value }) => [key, value]));

const nodeMessage = (node: Node): NodeProto => messageOf(NODE, node, NODE_WRITERS);

/** All but the initializers. */
const GRAPH_WRITERS: Writers<GraphProto, Graph> = {
  name: (name) => ({ name: text(name) }),
  nodes: (nodes) => ({ node: nodes.map(nodeMessage) }),
  inputs: (values) => ({ input: values.map(valueMessage) }),
  outputs: (values) => ({ output: values.map(valueMessage) }),
  valueInfo: (values) => ({ value_info: values.map(valueMessage) }),
  sparseInitializers: (names, old) => ({ sparse_initializer: keptSparse(names, old) }),
};

function keptSparse(names: readonly string[], old: GraphProto | undefined): readonly SparseTensorProto[] {
  return names.map((name) => {
    const kept = old?.sparse_initializer.find((message) => sparseName(message) === name);
    if (!kept) throw defect(`the sparse initializer ${quoted(name)} has no data that could be written`);
    return kept;
  });
}

/** The initializers of a graph, each with the name that it has there. */
export const initializersOf = (graph: Graph): readonly Tensor[] =>
  [...graph.initializers].map(([name, tensor]) => (tensor.name === name ? tensor : { ...tensor, name }));

/** A graph without its initializers. */
export const mainGraphMessage = (graph: Graph): GraphProto => messageOf(GRAPH, graph, GRAPH_WRITERS);

/** A graph within a node, whole. */
const graphMessage = (graph: Graph): GraphProto =>
  messageOf(GRAPH, graph, {
    ...GRAPH_WRITERS,
    initializers: () => ({ initializer: initializersOf(graph).map(tensorMessage) }),
  });

const FUNCTION_WRITERS: Writers<FunctionProto, LocalFunction> = {
  name: (name) => ({ name: text(name) }),
  domain: (domain) => ({ domain: text(domain) }),
  overload: (overload) => ({ overload: text(overload) }),
  inputs: (input) => ({ input }),
  outputs: (output) => ({ output }),
  defaults: (defaults) => ({ attribute_proto: attributeMessages(defaults) }),
  opsets: (opsets) => ({ opset_import: opsetMessages(opsets) }),
  nodes: (nodes) => ({ node: nodes.map(nodeMessage) }),
};

export const functionMessage = (local: LocalFunction): FunctionProto => messageOf(FUNCTION, local, FUNCTION_WRITERS);
