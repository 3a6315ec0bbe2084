/** The start of every command: model files read, verified and of versions that we know. */
import type { Model } from '../ir/model.js';
import { expectKnownVersions, verifyModel } from '../ir/verify.js';
import { readModel } from '../onnx/read.js';
import { foldAll } from './fold-constants.js';

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

/** What a fusion of neurons starts from. */
export interface LoadedFamily {
  readonly members: readonly Model[];
  /** The model whose graph the output has, where it is named; a member where it is one. */
  readonly like: Model | undefined;
  /** What was done to the models that a user should know. */
  readonly notes: readonly string[];
}

/** Reads members and the model that they are fused like, with plain weights where `folded` (see `foldConstants`) is asked for. */
export async function loadFamily(
  paths: readonly string[],
  likePath: string | undefined,
  folded: boolean,
): Promise<LoadedFamily> {
  const files = loadMembers(paths);
  const own = likePath === undefined ? undefined : (files[paths.indexOf(likePath)] ?? loadMember(likePath));
  const all = own ? [...files, own] : files;
  const { models, notes } = folded ? await foldAll(all) : { models: all, notes: [] };
  return { members: models.slice(0, files.length), like: own && models.at(-1), notes };
}
