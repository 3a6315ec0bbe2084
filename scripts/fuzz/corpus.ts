/** What mutants are made of: all model files among the fixtures, in the order of their paths. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';

export interface Fixture {
  /** Below fixtures/, with slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const FOLDERS = ['members', 'accepted', 'refused'];

function filesBelow(root: string, extension: string): readonly string[] {
  const all = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  return all.filter((name) => name.endsWith(extension)).sort();
}

/** The model files below `root`, which is the folder of the fixtures. */
export const readCorpus = (root: string): readonly Fixture[] =>
  filesBelow(root, '.onnx').map((path) => ({
    path: path.split(sep).join('/'),
    bytes: new Uint8Array(readFileSync(join(root, path))),
  }));

/** Puts the data files of models with external data where mutants will lie, so that they are found. */
export function copyData(root: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const path of filesBelow(root, '.data')) copyFileSync(join(root, path), join(folder, basename(path)));
}
