/** Everything that one net of the zoo must pass: each result is run and held against what it must compute. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inferShapes } from '../../lib/analysis/shapes.js';
import { foldConstants } from '../../lib/commands/fold-constants.js';
import { loadMember } from '../../lib/commands/load.js';
import { prove } from '../../lib/commands/proof.js';
import { TransplantError } from '../../lib/errors.js';
import type { Model } from '../../lib/ir/model.js';
import type { NdArray } from '../../lib/ir/ndarray.js';
import { fedInputs } from '../../lib/ir/nodes.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { parseModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { compareOutputs, type Tolerance } from '../../lib/runtime/compare.js';
import { randomFeeds } from '../../lib/runtime/feeds.js';
import { meanOutputs } from '../../lib/runtime/mean.js';
import { withSession } from '../../lib/runtime/session.js';
import { toleranceFor } from '../../lib/runtime/tolerance.js';
import { concat } from '../../lib/transforms/concat.js';
import { prune } from '../../lib/transforms/prune.js';
import { transplant } from '../../lib/transforms/transplant.js';
import { masked } from '../../test/support/oracle.js';
import { asFloat } from './as-float.js';

/** `exact`: computes what it must. `nearly`: runs, and said that it is not exact. `refused`: said why. `wrong`: a defect. */
export type Outcome = 'exact' | 'nearly' | 'refused' | 'wrong';

export interface Step {
  readonly name: string;
  readonly kind: Outcome;
  /** How far it is off, the notes, or the refusal. */
  readonly detail: string;
}

/** One net from one exporter. */
export interface NetResult {
  readonly net: string;
  readonly exporter: string;
  readonly nodes: number;
  readonly steps: readonly Step[];
}

const EXPORTERS = ['legacy', 'dynamo'] as const;

type Outputs = ReadonlyMap<string, NdArray>;

/** Deep float32 nets in another order of summation. */
const TOLERANCE = { atol: 1e-4, rtol: 1e-3 };

const SCORING = { importance: 'l2', seed: 0, allowNonfinite: false, scope: 'layer' } as const;
const PRUNING = { ...SCORING, ignore: [] } as const;
const FUSING = { ...SCORING, strategy: 'joint', transfer: 1, exact: false } as const;

/** Runs a model as it is, or in the type in which ONNX Runtime has kernels for its members. */
interface Runner {
  readonly run: (model: Model) => Promise<Outputs>;
  /** Why members do not run as they are; undefined where they do. */
  readonly why: string | undefined;
}

function runAsItIs(model: Model): Promise<Outputs> {
  verifyModel(model);
  const feeds = randomFeeds(fedInputs(model.graph));
  return withSession(encodeModel(model), { label: model.label }, (session) => session.run(feeds));
}

/**
 * What ONNX Runtime refuses as it came is judged by its structure (what was written reads and verifies, its shapes fit), and
 * by what it computes in float32.
 */
const runAsFloat = (model: Model): Promise<Outputs> => {
  const written = parseModel(encodeModel(model), model.label);
  verifyModel(written);
  inferShapes(written);
  return runAsItIs(asFloat(written));
};

/** Tries an untouched member. */
async function runnerFor(member: Model): Promise<Runner> {
  try {
    await runAsItIs(member);
    return { run: runAsItIs, why: undefined };
  } catch (error) {
    if (!(error instanceof TransplantError) || error.code !== 'RUNTIME_LOAD') throw error;
    return { run: runAsFloat, why: `not run: ${error.message}` };
  }
}

/** Both outputs, compared by position: exporters name them differently. */
function judge(name: string, actual: Outputs, expected: Outputs, tolerance: Tolerance): Step {
  const renamed = new Map([...actual.keys()].map((key, i) => [key, [...expected.values()][i] as NdArray]));
  const { within, outputs } = compareOutputs(actual, renamed, tolerance);
  const worst = Math.max(0, ...outputs.map((output) => output.maxAbs));
  return { name, kind: within ? 'exact' : 'wrong', detail: worst.toExponential(1) };
}

/** Runs a step; what it throws is its outcome. Members that do not run as they are cannot prove that they match. */
async function attempt(name: string, runs: boolean, step: () => Promise<Step>): Promise<Step> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof TransplantError && error.kind === 'refused' && !(runs && error.code.startsWith('RUNTIME'))) {
      return { name, kind: 'refused', detail: `${error.code}: ${error.message}` };
    }
    return { name, kind: 'wrong', detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

const nearly = (name: string, notes: readonly string[]): Step => ({ name, kind: 'nearly', detail: notes.join('; ') });

/** What a fusion makes, and whether the tool promises the mean. */
function exactly<T>(fuse: (exact: boolean) => T): { readonly made: T; readonly isExact: boolean } {
  try {
    return { made: fuse(true), isExact: true };
  } catch (error) {
    if (!(error instanceof TransplantError) || error.code !== 'NOT_EXACT') throw error;
    return { made: fuse(false), isExact: false };
  }
}

/** A member as its file has it, and as the transforms take it. */
interface Subject {
  readonly file: Model;
  readonly folded: Model;
}

function steps(
  members: readonly Subject[],
  other: Subject | undefined,
  { run, why }: Runner,
): Readonly<Record<string, () => Promise<Step>>> {
  const [first, second] = members as readonly [Subject, Subject];
  const tolerance = toleranceFor(first.file, TOLERANCE);
  const exact = (name: string, actual: Outputs, expected: Outputs): Step => {
    const step = judge(name, actual, expected, tolerance);
    return step.kind === 'exact' && why !== undefined ? nearly(name, [why, `in float32 ${step.detail}`]) : step;
  };
  const said = (name: string, notes: readonly string[]) => nearly(name, why === undefined ? notes : [why, ...notes]);
  const fused = async (name: string, among: readonly Subject[]): Promise<Step> => {
    const files = among.map(({ folded }) => folded);
    const { made, isExact } = exactly((exact) => transplant(files, { ...FUSING, exact }));
    await prove(made.proofs, first.folded, undefined);
    await run(made.model);
    return isExact && why === undefined ? { name, kind: 'exact', detail: '' } : said(name, made.notes);
  };
  return {
    identity: async () => {
      const { model } = prune(first.folded, { ...PRUNING, ratio: 0 });
      return exact('identity', await run(model), await run(first.file));
    },
    prune: async () => {
      const made = prune(first.folded, { ...PRUNING, ratio: 0.5 });
      const outputs = await run(made.model);
      if (made.notes.length > 0) return said('prune', made.notes);
      return exact('prune', outputs, await run(masked(first.folded, made, 'inner')));
    },
    'fuse 2': () => fused('fuse 2', [first, second]),
    'fuse 3': () => fused('fuse 3', members),
    concat: async () => {
      const { made, isExact } = exactly((exact) => concat([first.folded, second.folded], { exact }));
      const outputs = await run(made.model);
      if (!isExact) return said('concat', made.notes);
      return exact('concat', outputs, meanOutputs([await run(first.file), await run(second.file)]));
    },
    ...(other ? { [EXTRA]: () => fused(EXTRA, [first, other]) } : {}),
  };
}

/** The step that a net passes without: its members come from two exporters. */
export const EXTRA = 'fuse both';

const subjectOf = async (path: string): Promise<Subject> => {
  const file = loadMember(path);
  return { file, folded: await foldConstants(file) };
};

/** Tries a folder with `legacy-0.onnx` .. `dynamo-2.onnx`; an exporter that could not write the net is left out. */
export async function checkNet(folder: string, net: string): Promise<readonly NetResult[]> {
  const results: NetResult[] = [];
  for (const exporter of EXPORTERS) {
    const path = (each: string, seed: number) => join(folder, `${each}-${seed}.onnx`);
    if (!existsSync(path(exporter, 0))) continue;
    const paths = [0, 1, 2].map((seed) => path(exporter, seed)).filter(existsSync);
    if (paths.length < 2)
      throw new RangeError(`${net} has no second ${exporter} member: scripts/zoo/make.py makes three`);
    const members = await Promise.all(paths.map(subjectOf));
    const across = EXPORTERS.filter((each) => each !== exporter).map((each) => path(each, 1));
    const others = await Promise.all(across.filter(existsSync).map(subjectOf));
    const first = members[0] as Subject;
    const runner = await runnerFor(first.file);
    const done: Step[] = [];
    for (const [name, step] of Object.entries(steps(members, others[0], runner))) {
      done.push(await attempt(name, runner.why === undefined, step));
    }
    results.push({ net, exporter, nodes: first.file.graph.nodes.length, steps: done });
  }
  return results;
}
