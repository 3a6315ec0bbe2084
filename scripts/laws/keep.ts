/** Families that broke a law, kept as files: their members, and what was wrong. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { buildMembers } from './build.js';
import type { Members } from './case.js';
import { type Recipe, recipeText } from './recipe.js';

/** Beside the members of a kept family. */
export interface Found {
  /** The law that it broke. */
  readonly law: string;
  /** The recipe in a few words. */
  readonly graph: string;
  /** Seed and number of the graph that it was shrunk from. */
  readonly seed: number;
  readonly index: number;
}

const FILES = ['a.onnx', 'b.onnx', 'wide.onnx'] as const;

/** Writes the members of a recipe and the law that they broke. */
export function keepFamily(folder: string, recipe: Recipe, found: Omit<Found, 'graph'>): void {
  mkdirSync(folder, { recursive: true });
  for (const [i, member] of buildMembers(recipe).entries())
    writeFileSync(join(folder, FILES[i] as string), encodeModel(member));
  const told: Found = { ...found, graph: recipeText(recipe) };
  writeFileSync(join(folder, 'found.json'), `${JSON.stringify(told, undefined, 2)}\n`);
}

/** The members of a kept family. */
export const readFamily = (folder: string): Members =>
  FILES.map((name) => parseModel(new Uint8Array(readFileSync(join(folder, name))), name)) as unknown as Members;

export const readFound = (folder: string): Found =>
  JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8')) as Found;

/** All kept families below a folder. */
export const familiesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .sort();

/** Copies a kept family to where the tests check it for ever, and answers its place. */
export function promote(folder: string, into: string): string {
  const place = join(into, basename(folder));
  cpSync(folder, place, { recursive: true });
  return place;
}
