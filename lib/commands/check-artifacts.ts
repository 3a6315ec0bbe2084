/** `train --check` of training artifacts: what they have decided, and whether it runs on a stock ONNX Runtime. */
import { readArtifacts } from '../training/artifacts/files.js';
import { isMicrosoft } from '../training/artifacts/load.js';
import { artifactTrainee, checkUndecided } from './artifact-trainee.js';
import { attempt, type CheckOptions, type CheckReport, described, stepSize } from './check-report.js';

/** Checks the artifacts in a folder. Throws USAGE, ARTIFACTS_FORMAT, and what reading throws. */
export function checkArtifacts(folder: string, options: CheckOptions): CheckReport {
  checkUndecided(folder, options);
  const artifacts = readArtifacts(folder);
  const { trained, frozen } = artifacts.checkpoint;
  const all = {
    schema: 'onnx-transplant/train-check@1',
    model: folder,
    missing: [],
    trained: [...trained.values()].map(described),
    frozen: [...frozen.values()].map(described),
    notes: [],
  } as const;
  const made = attempt(() => artifactTrainee(artifacts, options));
  if (typeof made === 'string') return { ...all, ok: false, refused: made, idle: [] };
  const moved = new Set(made.graph.parameters.map(({ name }) => name));
  return {
    ...all,
    ok: true,
    idle: [...trained.keys()].filter((name) => !moved.has(name)),
    step: stepSize(made.graph, made.set.eval),
    artifacts: {
      flavor: isMicrosoft(artifacts.training) ? 'microsoft' : 'portable',
      moments: made.set.moments,
      steps: made.start?.step ?? 0,
      rate: made.rate,
      input: made.input.name,
      labels: made.graph.labels ?? '',
      loss: made.graph.loss,
      judged: made.judged,
      outputs: made.outputs,
    },
  };
}
