/** Does to a fixture what a trial of the manifest says. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { concat } from '../../lib/commands/concat.js';
import { evaluate } from '../../lib/commands/evaluate.js';
import { type FuseOptions, fuse } from '../../lib/commands/fuse.js';
import { inspect } from '../../lib/commands/inspect.js';
import { loadModel } from '../../lib/commands/load.js';
import { type PruneOptions, prune } from '../../lib/commands/prune.js';
import { validate } from '../../lib/commands/validate.js';
import { readImage } from '../../lib/data/image-file.js';
import { readNpz } from '../../lib/data/npz.js';
import type { Model } from '../../lib/ir/model.js';
import { allBytes } from '../../lib/ir/numeric.js';
import { graphsOf } from '../../lib/ir/walk.js';
import { parseModel, readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { tryModel } from '../../lib/runtime/trial.js';
import type { Trial } from '../../scripts/fixtures/fixture.js';
import { sha256 } from '../../scripts/fixtures/manifest.js';
import { wholeModel } from './decode.js';
import { fixturePath, readFixture } from './manifest.js';

/** Reads every weight of a model to its end. */
export function readWeights(model: Model): void {
  for (const graph of graphsOf(model.graph)) {
    for (const { data } of graph.initializers.values()) for (const _ of data?.pieces(1) ?? []);
  }
}

/** Every initializer of a model with the checksum of its bytes. */
const weightsIn = (model: Model): readonly string[] =>
  [...model.graph.initializers].map(([name, { data }]) => `${name} ${data ? sha256(allBytes(data)) : 'texts'}`);

/** Fails unless what is written of the file says the same, field by field, and its weights are the same. */
function roundTrip(path: string): void {
  const [before, model] = [readFixture(path), readModel(fixturePath(path))];
  const after = encodeModel(model);
  const same = isDeepStrictEqual(wholeModel(after), wholeModel(before));
  // External data moves into the file: then only what it says can be the same, not where.
  const external = Buffer.from(before).includes('location');
  if (!same && !external) throw new Error('other fields than in the file');
  if (!isDeepStrictEqual(weightsIn(parseModel(after)), weightsIn(model)))
    throw new Error('other weights than in the file');
}

/** A model that is sound in every check, or the reason why not. */
async function expectValid(path: string): Promise<void> {
  const { checks } = await validate(path);
  const failed = checks.find(({ result }) => result === 'failed');
  if (failed) throw new Error(`${failed.name}: ${failed.why}`);
}

/** Tries a fixture; outputs go to `folder`. Throws what the command throws, and plain errors for what no command checks. */
export async function runTrial(path: string, trial: Trial, folder: string): Promise<unknown> {
  const own = fixturePath(path);
  const others = (trial.with ?? [path]).map(fixturePath);
  const { like, ...options } = { ...trial.options };
  const output = join(folder, 'out.onnx');
  const fusion = { ...options, output, ...(typeof like === 'string' ? { like: fixturePath(like) } : {}) };
  switch (trial.command) {
    case 'read':
      return readWeights(readModel(own));
    case 'verify':
      return loadModel(own);
    case 'roundtrip':
      return roundTrip(path);
    case 'inspect':
      return JSON.stringify(await inspect(own, { neurons: true }));
    case 'run':
      return tryModel(own);
    case 'validate':
      return expectValid(own);
    case 'prune':
      return prune(own, { ratio: 0.5, ...options, output } as PruneOptions);
    case 'fuse':
      return fuse([own, ...others], fusion as FuseOptions);
    case 'concat':
      return concat([own, ...others], fusion);
    case 'evaluate':
      return evaluate([own], { data: others[0] ?? '' });
    case 'npz':
      return readNpz(own);
    case 'image':
      return readImage(own);
  }
}
