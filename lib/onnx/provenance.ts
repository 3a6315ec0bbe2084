/** Which files a model was read from. */
import type { Model } from '../ir/model.js';
import type { Identity } from './files.js';

const known = new WeakMap<object, ReadonlyMap<string, Identity>>();

/** Notes the files of a model that was just read; edited copies of it keep them. */
export function rememberFiles(model: Model, files: ReadonlyMap<string, Identity>): void {
  if (model.origin) known.set(model.origin, files);
}

/** The files that a model, or the one that it was edited from, was read from: its own first, then external data. */
export const filesOf = (model: Model): ReadonlyMap<string, Identity> =>
  (model.origin && known.get(model.origin)) ?? new Map();
