/** Attacks on training: files that are no checkpoint, artifacts that do not fit each other. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArtifacts } from '../../lib/training/artifacts/files.js';
import { loadArtifacts } from '../../lib/training/artifacts/load.js';
import { SGD } from '../../lib/training/optimizers.js';
import { buildStep } from '../../lib/training/step-graph.js';
import { build } from '../support/build.js';
import { artifactsAt } from '../support/trained.js';
import type { Attack } from './attack.js';

/** A parameter in front of an operator that nobody knows. */
const STRANGE = build({
  inputs: { x: ['batch', 3] },
  domains: { strange: 1 },
  weights: { w: [3, 4] },
  nodes: ['a = MatMul(x, w)', 'y = strange::Thing(a)'],
});

export const TRAINING: readonly Attack[] = [
  {
    name: 'a gradient through an unknown operator',
    code: 'GRADIENT_MISSING',
    run: () => buildStep(STRANGE, { loss: 'mse', optimizer: SGD }),
  },
  {
    name: 'a checkpoint that is a model',
    code: 'CHECKPOINT_FORMAT',
    run: () => readArtifacts(artifactsAt('mlp-adamw'), join(artifactsAt('mlp-adamw'), 'eval_model.onnx')),
  },
  {
    name: 'a checkpoint of eight bytes that point nowhere',
    code: 'CHECKPOINT_FORMAT',
    run: (folder) => {
      const path = join(folder, 'checkpoint');
      writeFileSync(path, Uint8Array.of(255, 255, 255, 255, 79, 68, 84, 67));
      return readArtifacts(artifactsAt('mlp-adamw'), path);
    },
  },
  {
    name: 'the checkpoint of another training',
    code: 'ARTIFACTS_FORMAT',
    run: () => loadArtifacts(readArtifacts(artifactsAt('mlp-adamw'), join(artifactsAt('moves-adamw'), 'checkpoint'))),
  },
  {
    name: 'an evaluation model in place of the training model',
    code: 'ARTIFACTS_FORMAT',
    run: () => {
      const artifacts = readArtifacts(artifactsAt('mlp-adamw'));
      return loadArtifacts({ ...artifacts, training: artifacts.eval });
    },
  },
  {
    name: 'a training model in place of the optimizer',
    code: 'ARTIFACTS_FORMAT',
    run: () => {
      const artifacts = readArtifacts(artifactsAt('mlp-adamw'));
      return loadArtifacts({ ...artifacts, optimizer: artifacts.training });
    },
  },
];
