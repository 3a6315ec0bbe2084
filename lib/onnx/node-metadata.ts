/** What exporters note beside a node: its metadata_props (NodeProto, since IR version 10). */
import type { Node } from '../ir/model.js';
import { NODE } from './graph.js';
import { originOf } from './origin.js';

/** The metadata of a node as it was read; nothing for a node that was made anew. */
export function nodeMetadata(node: Node): ReadonlyMap<string, string> {
  const entries = originOf(NODE, node)?.message.metadata_props ?? [];
  return new Map(entries.map(({ key, value }) => [key, value]));
}
