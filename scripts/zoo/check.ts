/** Everything that one net of the zoo must pass: each result is run and held against what it must compute. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadMember } from '../../lib/commands/load.js';
import { prove } from '../../lib/commands/proof.js';
import { TransplantError } from '../../lib/errors.js';
import { FLOAT16 } from '../../lib/ir/dtype.js';
import type { Model } from '../../lib/ir/model.js';
import type { NdArray } from '../../lib/ir/ndarray.js';
import { fedInputs } from '../../lib/ir/nodes.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { compareOutputs } from '../../lib/runtime/compare.js';
import { randomFeeds } from '../../lib/runtime/feeds.js';
import { meanOutputs } from '../../lib/runtime/mean.js';
import { withSession } from '../../lib/runtime/session.js';
import { concat } from '../../lib/transforms/concat.js';

import { prune } from '../../lib/transforms/prune.js';
import { transplant } from '../../lib/transforms/transplant.js';
import { masked } from '../../test/support/oracle.js';

/**
 * `exact`: computes what it must. `nearly`: runs, and said that it is not exact. `unrun`: verified, but ONNX Runtime does not run the
 * net as it was exported either. `refused`: said why. `wrong`: a defect.
 */
export type Outcome = 'exact' | 'nearly' | 'unrun' | 'refused' | 'wrong';

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

/** Deep nets in another order of summation: float32, and float16 with its 11 bits. */
const TOLERANCE = { atol: 1e-4, rtol: 1e-3 };
const HALF_TOLERANCE = { atol: 5e-3, rtol: 1e-2 };

const SCORING = { importance: 'l2', seed: 0, allowNonfinite: false, scope: 'layer' } as const;
const PRUNING = { ...SCORING, ignore: [] } as const;
const FUSING = { ...SCORING, strategy: 'joint', transfer: 1, exact: false } as const;

function run(model: Model): Promise<Outputs> {
  verifyModel(model);
  const feeds = randomFeeds(fedInputs(model.graph));
  return withSession(encodeModel(model), { label: model.label }, (session) => session.run(feeds));
}

/** Both outputs, compared by position: exporters name them differently. */
function judge(name: string, actual: Outputs, expected: Outputs): Step {
  const renamed = new Map([...actual.keys()].map((key, i) => [key, [...expected.values()][i] as NdArray]));
  const isHalf = [...actual.values()].some(({ dtype }) => dtype === FLOAT16);
  const { within, outputs } = compareOutputs(actual, renamed, isHalf ? HALF_TOLERANCE : TOLERANCE);
  const worst = Math.max(0, ...outputs.map((output) => output.maxAbs));
  return { name, kind: within ? 'exact' : 'wrong', detail: worst.toExponential(1) };
}

/** Why ONNX Runtime does not load the nets as they were exported; undefined where it does. */
async function unloadable(members: readonly Model[]): Promise<string | undefined> {
  for (const member of members) {
    try {
      await run(member);
    } catch (error) {
      if (error instanceof TransplantError && error.code === 'RUNTIME_LOAD') return error.message;
      throw error;
    }
  }
  return undefined;
}

/** Runs a step; what it throws is its outcome. Everything is verified before it is run, so `unrun` is verified too. */
async function attempt(name: string, step: () => Promise<Step>, unrun: string | undefined): Promise<Step> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof TransplantError && error.code === 'RUNTIME_LOAD' && unrun !== undefined)
      return { name, kind: 'unrun', detail: unrun };
    if (error instanceof TransplantError && error.kind === 'refused' && !error.code.startsWith('RUNTIME')) {
      return { name, kind: 'refused', detail: `${error.code}: ${error.message}` };
    }
    return { name, kind: 'wrong', detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

const nearly = (name: string, notes: readonly string[]): Step => ({ name, kind: 'nearly', detail: notes.join('; ') });

function steps(members: readonly Model[], other: Model | undefined): Readonly<Record<string, () => Promise<Step>>> {
  const [first, second] = members as readonly [Model, Model];
  const fused = async (name: string, among: readonly Model[]): Promise<Step> => {
    const made = transplant(among, FUSING);
    await prove(made.proofs, among[0] as Model, undefined);
    await run(made.model);
    return made.notes.length > 0 ? nearly(name, made.notes) : { name, kind: 'exact', detail: '' };
  };
  return {
    identity: async () => judge('identity', await run(prune(first, { ...PRUNING, ratio: 0 }).model), await run(first)),
    prune: async () => {
      const made = prune(first, { ...PRUNING, ratio: 0.5 });
      const outputs = await run(made.model);
      return made.notes.length > 0
        ? nearly('prune', made.notes)
        : judge('prune', outputs, await run(masked(first, made, 'inner')));
    },
    'fuse 2': () => fused('fuse 2', [first, second]),
    'fuse 3': () => fused('fuse 3', members),
    ...(other ? { 'fuse both': () => fused('fuse both', [first, other]) } : {}),
    concat: async () => {
      const made = concat([first, second], { exact: false });
      const outputs = await run(made.model);
      if (made.notes.length > 0) return nearly('concat', made.notes);
      return judge('concat', outputs, meanOutputs([await run(first), await run(second)]));
    },
  };
}

/** Tries a folder with `legacy-0.onnx` .. `dynamo-2.onnx`; an exporter that could not write the net is left out. */
export async function checkNet(folder: string, net: string): Promise<readonly NetResult[]> {
  const results: NetResult[] = [];
  for (const exporter of EXPORTERS) {
    const path = (each: string, seed: number) => join(folder, `${each}-${seed}.onnx`);
    if (!existsSync(path(exporter, 0))) continue;
    const members = [0, 1, 2]
      .map((seed) => path(exporter, seed))
      .filter(existsSync)
      .map(loadMember);
    const across = EXPORTERS.filter((each) => each !== exporter)
      .map((each) => path(each, 1))
      .filter(existsSync);
    const all = steps(members, across.map(loadMember)[0]);
    const done: Step[] = [];
    const unrun = await unloadable(members);
    for (const [name, step] of Object.entries(all)) done.push(await attempt(name, step, unrun));
    results.push({ net, exporter, nodes: members[0]?.graph.nodes.length ?? 0, steps: done });
  }
  return results;
}
