/** Attacks on writing: outputs that are inputs, links, folders or full, and work that is stopped. */
import { copyFileSync, linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { concat } from '../../lib/commands/concat.js';
import { evaluate } from '../../lib/commands/evaluate.js';
import { fuse } from '../../lib/commands/fuse.js';
import { inspect } from '../../lib/commands/inspect.js';
import { proveByMask } from '../../lib/commands/mask-proof.js';
import { prune } from '../../lib/commands/prune.js';
import { validate } from '../../lib/commands/validate.js';
import { defect } from '../../lib/errors.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import type { Model } from '../../lib/ir/model.js';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel, writeModel } from '../../lib/onnx/write.js';
import type { Pruned } from '../../lib/transforms/prune.js';
import { build } from '../support/build.js';
import { fixturePath } from '../support/manifest.js';
import { pruneRandomly } from '../support/oracle.js';
import type { Attack } from './attack.js';

const MEMBERS = [0, 1].map((i) => fixturePath(`members/digits-mlp${i}.onnx`));
const [MEMBER = ''] = MEMBERS;

const pruned = (path: string, output: string) => prune(path, { ratio: 0.5, output, validate: false });

function copied(folder: string): string {
  copyFileSync(MEMBER, join(folder, 'in.onnx'));
  return join(folder, 'in.onnx');
}

const outputs: readonly Attack[] = [
  {
    name: 'the output is the input',
    code: 'OUTPUT_IS_INPUT',
    run: (folder) => pruned(copied(folder), join(folder, 'in.onnx')),
    leaves: ['in.onnx'],
  },
  {
    name: 'the output is the input by a detour',
    code: 'OUTPUT_IS_INPUT',
    run: (folder) => {
      mkdirSync(join(folder, 'a'));
      return pruned(copied(folder), `${folder}/a/../in.onnx`);
    },
  },
  {
    name: 'the output is a link to the input',
    code: 'OUTPUT_IS_INPUT',
    run: (folder) => {
      symlinkSync('in.onnx', join(folder, 'out.onnx'));
      return pruned(copied(folder), join(folder, 'out.onnx'));
    },
  },
  {
    name: 'the output is a hard link to a member',
    code: 'OUTPUT_IS_INPUT',
    run: (folder) => {
      linkSync(copied(folder), join(folder, 'out.onnx'));
      return fuse([MEMBER, join(folder, 'in.onnx')], { output: join(folder, 'out.onnx') });
    },
  },
  {
    name: 'the output is a folder',
    code: 'OUTPUT_PATH',
    run: (folder) => pruned(MEMBER, folder),
    leaves: [],
  },
  {
    name: 'the folder of the output does not exist',
    code: 'OUTPUT_PATH',
    run: (folder) => pruned(MEMBER, join(folder, 'none', 'out.onnx')),
    leaves: [],
  },
  { name: 'the output is a device', code: 'OUTPUT_PATH', run: () => pruned(MEMBER, '/dev/full') },
  {
    name: 'the folder of the output takes no files',
    code: 'FILE_SYSTEM',
    // Not even root can make a file there.
    run: () => pruned(MEMBER, '/proc/out.onnx'),
    skip: process.platform === 'linux' ? undefined : 'only Linux has a folder that takes no files from root',
  },
];

const aborted = AbortSignal.abort();
const output = (folder: string) => ({ output: join(folder, 'out.onnx') });

/** A signal that is aborted once a command reports that it does `stage`. */
function abortAt(stage: string) {
  const controller = new AbortController();
  const onProgress = (progress: { readonly stage: string }) => {
    if (progress.stage.startsWith(stage)) controller.abort();
  };
  return { signal: controller.signal, onProgress };
}

const stopped: readonly Attack[] = [
  {
    name: 'prune is stopped at once',
    code: 'CANCELLED',
    run: (folder) => prune(MEMBER, { ratio: 0.5, signal: aborted, ...output(folder) }),
    leaves: [],
  },
  {
    name: 'fuse is stopped while it writes',
    code: 'CANCELLED',
    run: (folder) => fuse(MEMBERS, { ...abortAt('writing'), ...output(folder) }),
    leaves: [],
  },
  {
    name: 'concat is stopped while it checks',
    code: 'CANCELLED',
    run: (folder) => concat(MEMBERS, { ...abortAt('checking'), ...output(folder) }),
    leaves: [],
  },
  { name: 'inspect is stopped', code: 'CANCELLED', run: () => inspect(MEMBER, { signal: aborted }) },
  { name: 'validate is stopped', code: 'CANCELLED', run: () => validate(MEMBER, { signal: aborted }) },
  {
    name: 'evaluate is stopped',
    code: 'CANCELLED',
    run: () => evaluate([MEMBER], { data: fixturePath('data/digits'), ...abortAt('running') }),
  },
];

const wrongProvider: readonly Attack[] = ['nonsense', '', 'CPU'].map((ep) => ({
  name: `the execution provider ${JSON.stringify(ep)}`,
  code: 'EP_UNAVAILABLE',
  run: (folder) => prune(MEMBER, { ratio: 0.5, ep, ...output(folder) }),
  leaves: [],
}));

const options: readonly Attack[] = [
  { name: 'no output', code: 'USAGE', run: () => prune(MEMBER, { ratio: 0.5 }) },
  { name: 'a ratio that is no number', code: 'USAGE', run: () => prune(MEMBER, { ratio: Number.NaN, dryRun: true }) },
  { name: 'no model', code: 'USAGE', run: () => evaluate([], { data: fixturePath('data/digits') }) },
];

/** A weight that holds fewer bytes than its shape says: no file gives one, so it is our own fault. */
function inconsistent(): Model {
  const model = build({ inputs: { x: [2] }, nodes: ['y = Add(x, w)'] });
  const w = { name: 'w', dtype: 1, dims: [4], data: memoryBytes(new Uint8Array(15)) };
  return { ...model, graph: { ...model.graph, initializers: new Map([['w', w]]) } };
}

const defects: readonly Attack[] = [
  { name: 'a weight with too few bytes, in memory', code: 'DEFECT', run: () => encodeModel(inconsistent()) },
  {
    name: 'a weight with too few bytes, in a file',
    code: 'DEFECT',
    run: (folder) => writeModel(inconsistent(), join(folder, 'out.onnx')),
    leaves: [],
  },
  {
    name: 'a check of ours that finds what was written unsound',
    code: 'DEFECT',
    run: (folder) =>
      writeModel(build({ inputs: { x: [2] }, nodes: ['y = Relu(x)'] }), join(folder, 'out.onnx'), {
        check: () => {
          throw defect('not sound');
        },
      }),
    leaves: [],
  },
];

/** A pruning of which we say that other neurons were kept than there are. */
function misreported(): Pruned {
  const pruned = pruneRandomly(readModel(MEMBER));
  const ranking = pruned.ranking.map((group) => ({
    ...group,
    kept: [...group.scores.keys()].filter((place) => !group.kept.includes(place)),
  }));
  return { ...pruned, ranking };
}

const proofs: readonly Attack[] = [
  {
    name: 'a model that keeps other neurons than it says',
    code: 'MASK_DIFFERS',
    run: () => proveByMask(misreported(), {}),
  },
];

export const WRITING: readonly Attack[] = [...proofs, ...outputs, ...stopped, ...wrongProvider, ...options, ...defects];
