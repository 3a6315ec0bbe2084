/** How a model lies on the disk: its file, the files beside it, and what exporters noted about nodes. */
import { dirname, relative, sep } from 'node:path';
import type { Model, Node, Tensor } from '../ir/model.js';
import { tensorByteLength } from '../ir/numeric.js';
import { nodeMetadata } from './graph.js';
import { parseLocation } from './location.js';
import { originOf } from './origin.js';
import { filesOf } from './provenance.js';
import { isExternal, TENSOR } from './tensor.js';

/** A file that holds weights beside the model. Reading has found it to exist, and to be as long as the model says. */
export interface ExternalFile {
  /** Its path from the folder of the model, with slashes. */
  readonly location: string;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Initializers that lie in it. (Constants within nodes are not counted.) */
  readonly tensors: number;
  /** Bytes of these. */
  readonly used: number;
  /** Where the first begins and the last ends. Both 0 where there is none. */
  readonly from: number;
  readonly to: number;
}

/** Where the bytes of a model lie. */
export interface StoredModel {
  /** Bytes of the model file. 0 for a model that was not read from a file. */
  readonly fileBytes: number;
  readonly external: readonly ExternalFile[];
}

/** One stretch of a file. */
interface Stretch {
  readonly location: string;
  readonly from: number;
  readonly length: number;
}

function stretchOf(tensor: Tensor): readonly Stretch[] {
  const message = originOf(TENSOR, tensor)?.message;
  if (!message || !isExternal(message)) return [];
  const { steps, offset } = parseLocation(tensor.name, message.external_data);
  return [{ location: steps.join('/'), from: offset, length: tensorByteLength(tensor) }];
}

function externalFile(location: string, bytes: number, stretches: readonly Stretch[]): ExternalFile {
  const own = stretches.filter((stretch) => stretch.location === location);
  return {
    location,
    bytes,
    tensors: own.length,
    used: own.reduce((sum, { length }) => sum + length, 0),
    from: own.reduce((least, { from }) => Math.min(least, from), own[0]?.from ?? 0),
    to: own.reduce((most, { from, length }) => Math.max(most, from + length), 0),
  };
}

/** Where a model that was read lies. */
export function storedModel(model: Model): StoredModel {
  const [own, ...others] = [...filesOf(model)];
  if (!own) return { fileBytes: 0, external: [] };
  const stretches = [...model.graph.initializers.values()].flatMap(stretchOf);
  const locationOf = (path: string) => relative(dirname(own[0]), path).split(sep).join('/');
  return {
    fileBytes: own[1].size,
    external: others.map(([path, { size }]) => externalFile(locationOf(path), size, stretches)),
  };
}

/** How many nodes have a note under a key. */
export interface NodeNotes {
  readonly key: string;
  readonly nodes: number;
  /** The note of the first of them. */
  readonly first: string;
}

/** What exporters noted about nodes (torch.export: `namespace`, `pkg.torch.onnx.name_scopes`, ..), by key. */
export function nodeNotes(nodes: readonly Node[]): readonly NodeNotes[] {
  const found = new Map<string, NodeNotes>();
  for (const node of nodes) {
    for (const [key, value] of nodeMetadata(node)) {
      const known = found.get(key);
      found.set(key, { key, nodes: (known?.nodes ?? 0) + 1, first: known?.first ?? value });
    }
  }
  return [...found.values()];
}
