/** `train --check`: what a training would train, and what it cannot, without training. */
import { nodeText } from '../ir/nodes.js';
import { isFolder } from '../onnx/blob.js';
import { findStepGaps } from '../training/gaps.js';
import { chooseParameters, parametersOf } from '../training/parameters.js';
import { buildStep } from '../training/step-graph.js';
import { checkArtifacts } from './check-artifacts.js';
import { attempt, type CheckOptions, type CheckReport, described, stepSize } from './check-report.js';
import { loadMember } from './load.js';
import { lossOf } from './loss-option.js';
import { stepOptions } from './train-options.js';

/**
 * Checks whether a model file, or the artifacts in a folder, can be trained. Throws USAGE, SHAPE_CONFLICT, ARTIFACTS_FORMAT,
 * and what reading throws.
 */
export function checkTraining(path: string, options: CheckOptions = {}): CheckReport {
  return isFolder(path) ? checkArtifacts(path, options) : checkModel(path, options);
}

function checkModel(path: string, options: CheckOptions): CheckReport {
  const model = loadMember(path);
  const step = stepOptions(options, lossOf(options.loss));
  const missing = findStepGaps(model, step).map(({ node, why }) => ({
    node: nodeText(node),
    operator: node.opType,
    why,
  }));
  const built = missing.length === 0 ? attempt(() => buildStep(model, step)) : undefined;
  const graph = typeof built === 'string' ? undefined : built;
  const chosen = new Set(chooseParameters(model, step).map(({ name }) => name));
  const moved = new Set(graph?.parameters.map(({ name }) => name));
  const all = parametersOf(model);
  return {
    schema: 'onnx-transplant/train-check@1',
    model: path,
    ok: graph !== undefined,
    missing,
    ...(typeof built === 'string' && { refused: built }),
    trained: all.filter(({ name }) => chosen.has(name)).map(described),
    frozen: all.filter(({ name }) => !chosen.has(name)).map(described),
    idle: graph ? [...chosen].filter((name) => !moved.has(name)) : [],
    ...(graph && { step: stepSize(graph, model) }),
    notes: [],
  };
}
