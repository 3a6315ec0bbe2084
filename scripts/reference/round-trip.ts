/** Every model of the reference read and written without an edit: the message must stay the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { encodeModel, parseModel, readModel } from '../../lib/index.js';
import { ROOT as SCHEMA } from '../../lib/onnx/schema.js';
import { ROOT } from './cases.js';

/** The whole message with its unknown fields, decoded in one go: not by way of the layers that the reader makes. */
function messageOf(bytes: Uint8Array): unknown {
  const reader = new protobuf.Reader(bytes);
  reader.discardUnknown = false;
  return SCHEMA.lookupType('ModelProto').decode(reader);
}

/** Number of models, and the names of those that did not come back as they were. */
export function roundTrips(): { readonly count: number; readonly changed: readonly string[] } {
  const names = (readdirSync(ROOT, { recursive: true }) as string[]).filter((name) => /\.onnx(\.gz)?$/.test(name));
  const changed = names.filter((name) => {
    const file = readFileSync(join(ROOT, name));
    // Not as Buffer: its slices would compare as another type.
    const bytes = new Uint8Array(name.endsWith('.gz') ? gunzipSync(file) : file);
    const model = name.endsWith('.gz') ? parseModel(bytes, name) : readModel(join(ROOT, name));
    const external = name.includes('-external');
    // External data comes back inline: then only the tensors' bytes are compared, in the cases that fuse it.
    return !external && !isDeepStrictEqual(messageOf(bytes), messageOf(encodeModel(model)));
  });
  return { count: names.length, changed };
}
