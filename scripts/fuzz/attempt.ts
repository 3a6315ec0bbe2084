/**
 * All that our code does with a model, done to one mutant, short of running it. Allowed is success and a typed refusal; what
 * else comes out is a finding: a raw error, a defect, or an output that our own reader refuses.
 */

import { isDeepStrictEqual } from 'node:util';
import { incomingOf } from '../../lib/analysis/incoming.js';
import { inferShapes } from '../../lib/analysis/shapes.js';
import { diffPageData } from '../../lib/commands/diff-page.js';
import { alignModels, diffModels, diffTensorsOf } from '../../lib/diff/models.js';
import { findPermutation } from '../../lib/diff/permutation.js';
import { byFiles, sentenceOf } from '../../lib/diff/verdict.js';
import { TransplantError } from '../../lib/errors.js';
import type { Model } from '../../lib/ir/model.js';
import { expectKnownVersions, verifyModel } from '../../lib/ir/verify.js';
import { nodeMetadata } from '../../lib/onnx/graph.js';
import { filesOf } from '../../lib/onnx/provenance.js';
import { parseModel, readModel } from '../../lib/onnx/read.js';
import { textsOf } from '../../lib/onnx/texts.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { duplicatesIn } from '../../lib/report/duplicates.js';
import { negativeVariances, patientsOf, tensorHealth, unreadIn } from '../../lib/report/health.js';
import { analyse, describeModel } from '../../lib/report/inspect.js';
import { layersByWeight } from '../../lib/report/neurons.js';
import { average } from '../../lib/transforms/average.js';
import { concat, type Transformed } from '../../lib/transforms/concat.js';
import { ensemble } from '../../lib/transforms/ensemble.js';
import { prune } from '../../lib/transforms/prune.js';
import { gatherForms } from '../../lib/transforms/side-by-side.js';
import { transplant } from '../../lib/transforms/transplant.js';
import { wholeModel } from '../../test/support/decode.js';

/** How one thing went that was done to a mutant. */
export interface Outcome {
  readonly stage: string;
  /** `ok`, an error code, or what is no refusal at all. */
  readonly code: string;
  /** The error and where it came from, where that is not allowed. */
  readonly finding?: string;
}

const SCORING = { importance: 'l2', seed: 0, allowNonfinite: false, scope: 'layer' } as const;
const FUSION = { ...SCORING, strategy: 'joint', transfer: 1, exact: false } as const;

/** Does things one after the other and notes how they went. */
class Trial {
  readonly outcomes: Outcome[] = [];

  /** The result of `work`; undefined where it was refused or failed. */
  attempt<T>(stage: string, work: () => T): T | undefined {
    try {
      const made = work();
      this.outcomes.push({ stage, code: 'ok' });
      return made;
    } catch (error) {
      this.outcomes.push(outcomeOf(stage, error));
      return undefined;
    }
  }
}

function outcomeOf(stage: string, error: unknown): Outcome {
  if (error instanceof TransplantError && error.kind === 'refused') return { stage, code: error.code };
  const name = error instanceof TransplantError ? error.code : error instanceof Error ? error.name : typeof error;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
  return { stage, code: name, finding: stack + cause };
}

/** A fault of ours that no code of the library would throw. */
function expectNoDifference(what: string, same: boolean): void {
  if (!same) throw new Error(what);
}

/** Writes a model to memory, with all its weights, and reads that: it must be a sound model. */
function writeAndRead(model: Model): Uint8Array {
  const bytes = encodeModel(model);
  try {
    const again = parseModel(bytes);
    verifyModel(again);
    inferShapes(again);
  } catch (error) {
    throw new Error('what was written is not sound', { cause: error });
  }
  return bytes;
}

function tryTransform(trial: Trial, stage: string, transform: () => Transformed): void {
  const made = trial.attempt(stage, transform);
  if (!made) return;
  trial.attempt(`${stage}, written`, () => writeAndRead(made.model));
  for (const { rebuilt } of made.proofs) trial.attempt(`${stage}, rebuilt`, () => writeAndRead(rebuilt));
}

function tryTransforms(trial: Trial, model: Model, original: Model | undefined): void {
  tryTransform(trial, 'prune', () => prune(model, { ...SCORING, ratio: 0.5, ignore: [] }));
  tryTransform(trial, 'prune, global', () =>
    prune(model, { ...SCORING, importance: 'l1', scope: 'global', ratio: 0.3, ignore: [] }),
  );
  tryTransform(trial, 'concat with itself', () => concat([model, model], FUSION));
  tryTransform(trial, 'average with itself', () => average([model, model], {}));
  tryTransform(trial, 'ensemble with itself', () => ensemble([model, model], { weights: [1, 2] }));
  if (!original) return;
  tryTransform(trial, 'fuse with the original', () => transplant([model, original], FUSION));
  tryTransform(trial, 'fuse into the original', () => transplant([original, model], FUSION));
  tryTransform(trial, 'average with the original', () => average([original, model], {}));
}

/** What `inspect` does. */
function tryInspect(trial: Trial, model: Model): void {
  const report = trial.attempt('inspect', () => {
    const analysis = analyse(model);
    JSON.stringify(describeModel(model, analysis, { neurons: true, nodes: true }));
    return analysis;
  });
  if (!report) return;
  trial.attempt('inspect the weights', () => {
    const layers = report.neurons ? layersByWeight(report.neurons) : new Map();
    patientsOf(model, layers).map((patient) => tensorHealth(patient, report.neurons));
    negativeVariances(model);
    const { neurons } = report;
    if (!neurons) return;
    for (const incoming of incomingOf(neurons)) {
      unreadIn(neurons, incoming);
      duplicatesIn(neurons, incoming);
    }
  });
}

/** What `diff` does, short of running, and what its page and that of `inspect` show. */
function tryDiff(trial: Trial, model: Model, original: Model): void {
  const aligned = trial.attempt('align with the original', () =>
    alignModels(original, model, { noteOf: nodeMetadata, textsOf }),
  );
  if (!aligned) return;
  const found = trial.attempt('compare with the original', () =>
    diffModels(aligned, [original, model], [...diffTensorsOf(aligned)]),
  );
  if (!found) return;
  const verdict = trial.attempt('judge', () => byFiles(found) ?? 'different') ?? 'different';
  trial.attempt('page of both', () => {
    const rest = { sentence: sentenceOf(verdict, found, false), same: false, outputs: null, permutation: null };
    const report = {
      schema: 'onnx-transplant/diff@1',
      before: 'a',
      after: 'b',
      verdict,
      page: null,
      notes: [],
    } as const;
    JSON.stringify(diffPageData({ ...report, ...rest, ...found }, aligned));
  });
  const forms = trial.attempt('bring both into one form', () => gatherForms([original, model], original));
  if (forms) trial.attempt('look for an order of neurons', () => findPermutation(forms.family));
}

/** What is written of a model must say the same as its file, but for external data, which moves into it. */
function tryRoundTrip(trial: Trial, model: Model, bytes: Uint8Array): void {
  const written = trial.attempt('write', () => encodeModel(model));
  if (!written) return;
  trial.attempt('compare what was written', () => {
    const same = (a: Uint8Array, b: Uint8Array) => isDeepStrictEqual(wholeModel(a), wholeModel(b));
    const alone = filesOf(model).size === 1;
    if (alone) expectNoDifference('what was written differs from the file', same(written, bytes));
    expectNoDifference('a second round trip differs', same(encodeModel(parseModel(written)), written));
  });
}

/** The file and the same bytes in memory must be judged alike, but for data that lies in other files. */
function tryMemory(trial: Trial, bytes: Uint8Array): void {
  trial.attempt('read from memory', () => parseModel(bytes));
  const [file, memory] = trial.outcomes.slice(-2);
  const same = file?.code === memory?.code || memory?.code.startsWith('EXTERNAL') || memory?.code === 'TENSOR_SIZE';
  const finding = `${file?.code} from the file, ${memory?.code} from memory`;
  if (!same) trial.outcomes.push({ stage: 'read from memory', code: 'DIFFERENCE', finding });
}

/** Does everything to the mutant in the file at `path`. `original` is the fixture it was made of, if that reads. */
export function tryMutant(path: string, bytes: Uint8Array, original: Model | undefined): readonly Outcome[] {
  const trial = new Trial();
  const model = trial.attempt('read', () => readModel(path));
  tryMemory(trial, bytes);
  if (!model) return trial.outcomes;
  tryRoundTrip(trial, model, bytes);
  if (trial.attempt('verify', () => verifyModel(model) ?? true) === undefined) return trial.outcomes;
  tryInspect(trial, model);
  if (original) tryDiff(trial, model, original);
  if (trial.attempt('versions', () => expectKnownVersions(model) ?? true) === undefined) return trial.outcomes;
  tryTransforms(trial, model, original);
  return trial.outcomes;
}

/** A fixture as a member to fuse mutants with; undefined where it is refused. */
export function memberOf(bytes: Uint8Array): Model | undefined {
  try {
    const model = parseModel(bytes, 'original');
    verifyModel(model);
    expectKnownVersions(model);
    return model;
  } catch (error) {
    if (error instanceof TransplantError) return undefined;
    throw error;
  }
}
