/** One family of generated members, with what ONNX Runtime makes of them and of what is made of them. */
import type { Model } from '../../lib/ir/model.js';
import { toReals } from '../../lib/ir/ndarray.js';
import { fedInputs } from '../../lib/ir/nodes.js';
import { parseModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { compareOutputs } from '../../lib/runtime/compare.js';
import { randomFeeds } from '../../lib/runtime/feeds.js';
import { type Results, TIGHT } from '../../test/support/results.js';
import { BATCH } from './draft.js';
import { Runs } from './runs.js';

/** A law that does not hold. */
export class Violation extends Error {}

/** Two members of one width, and a wider one. */
export type Members = readonly [Model, Model, Model];

export class Case {
  /** The members as they are read from a file. */
  readonly members: Members;
  readonly files: readonly [Uint8Array, Uint8Array, Uint8Array];
  private readonly runs: Runs;

  constructor(members: Members) {
    this.files = members.map(encodeModel) as unknown as readonly [Uint8Array, Uint8Array, Uint8Array];
    this.members = this.files.map((bytes, i) => parseModel(bytes, `member ${i + 1}`)) as unknown as Members;
    const inputs = fedInputs(this.members[0].graph);
    this.runs = new Runs(inputs, randomFeeds(inputs, { batch: BATCH }));
  }

  /** Verifies, encodes and runs a model. */
  run(model: Model): Promise<Results> {
    return this.runs.run(model);
  }
}

/** The same results under the names of other ones. */
export const renamed = (results: Results, like: Results): Results => {
  const values = [...results.values()];
  return new Map([...like.keys()].map((name, i) => [name, values[i] as NonNullable<(typeof values)[number]>]));
};

export const isClose = (actual: Results, expected: Results): boolean => compareOutputs(actual, expected, TIGHT).within;

/** Throws a Violation with the worst output where results are further apart than rounding explains. */
export function expectClose(what: string, actual: Results, expected: Results): void {
  const { outputs } = compareOutputs(actual, expected, TIGHT);
  const apart = outputs.find(({ within }) => !within);
  if (apart) throw new Violation(`${what}: output ${apart.name} is ${apart.why || `off by ${apart.maxAbs}`}`);
}

/** Bit for bit the same. */
export function expectIdentical(what: string, actual: Results, expected: Results): void {
  for (const [name, array] of expected) {
    const other = actual.get(name);
    const same =
      other?.data.length === array.data.length && array.data.every((each, i) => Object.is(each, other.data[i]));
    if (!same) throw new Violation(`${what}: output ${name} is not the same, bit for bit`);
  }
}

/** Real results, of the same shapes as others. */
export function expectSound(what: string, results: Results, like: Results): void {
  for (const [name, array] of like) {
    const made = results.get(name);
    if (String(made?.dims) !== String(array.dims))
      throw new Violation(`${what}: output ${name} has the shape [${made?.dims}], not [${array.dims}]`);
    if (made && !toReals(made, name).every(Number.isFinite))
      throw new Violation(`${what}: output ${name} is not finite`);
  }
}
