/** Which module of the trained network a node comes from, as both of PyTorch's exporters tell it. */
import type { Node } from '../ir/model.js';

/** What an exporter noted beside a node: NodeProto's metadata_props. */
export type NoteOf = (node: Node) => ReadonlyMap<string, string>;

/** Where the dynamo exporter writes the modules around a node, outermost first, the node's own name last. */
const SCOPES = 'pkg.torch.onnx.name_scopes';

/** `['', 'layer1', 'layer1.0.conv1', 'conv2d_3']` is written as a Python list. */
const QUOTED = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g;

function fromScopes(list: string): string {
  const scopes = [...list.matchAll(QUOTED)].map(([, single, double]) => single ?? double ?? '');
  return scopes.at(-2) ?? '';
}

/**
 * The legacy exporter names a node `/layer1/layer1.0/conv1/Conv`: a part that begins with the one before it replaces that one
 * (the children of a Sequential), another is added to it.
 */
function fromName(name: string): string {
  if (!name.startsWith('/')) return '';
  const parts = name.split('/').slice(1, -1);
  return parts.reduce((path, part) => (path === '' || part.startsWith(`${path}.`) ? part : `${path}.${part}`), '');
}

/** `layer1.0.conv1`; '' for a node of the network itself, and where nothing is known. */
export function modulePath(node: Node, noteOf: NoteOf): string {
  const scopes = noteOf(node).get(SCOPES);
  return scopes === undefined ? fromName(node.name) : fromScopes(scopes);
}
