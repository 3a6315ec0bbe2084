/** The start of every command: model files read, verified and of versions that we know. */
import type { Model } from '../ir/model.js';
import { expectKnownVersions, verifyModel } from '../ir/verify.js';
import { readModel } from '../onnx/read.js';

/** Reads a model for looking at: a newer version is no reason to refuse. Throws what reading and verifying throw. */
export function loadModel(path: string): Model {
  const model = readModel(path);
  verifyModel(model);
  return model;
}

/** Reads a model for a transform. Throws VERSION_UNKNOWN too. */
export function loadMember(path: string): Model {
  const model = loadModel(path);
  expectKnownVersions(model);
  return model;
}

/** Reads members; a path that stands twice is read once, so that it is the same object. */
export function loadMembers(paths: readonly string[]): readonly Model[] {
  const read = new Map<string, Model>();
  for (const path of paths) if (!read.has(path)) read.set(path, loadMember(path));
  return paths.map((path) => read.get(path) as Model);
}
