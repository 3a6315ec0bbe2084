/** Writes training artifacts: the four files that onnxruntime-training trains from, or the same in standard operators. */
import type { Model, Tensor } from '../../ir/model.js';
import { type Checkpoint, NO_PROPERTIES } from '../checkpoint/checkpoint.js';
import { lower } from '../lower.js';
import type { Optimizer } from '../optimizers.js';
import { buildTrainingGraph, type TrainingGraphOptions } from './build.js';
import type { Artifacts } from './load.js';
import { microsoftTraining } from './microsoft.js';
import { microsoftOptimizer } from './optimizer.js';
import { portableOptimizer, portableTraining } from './portable.js';

/** All flavours. */
export const FLAVORS = ['microsoft', 'portable'] as const;
/** For onnxruntime-training up to 1.19.2, or for any onnxruntime. */
export type Flavor = (typeof FLAVORS)[number];

/** Loss, parameters, optimizer, and for which runtime. */
export interface ArtifactOptions extends TrainingGraphOptions {
  readonly flavor: Flavor;
  readonly optimizer: Optimizer;
  /** Largest norm of all gradients together. */
  readonly clip?: number | undefined;
}

const byName = (tensors: readonly Tensor[]): ReadonlyMap<string, Tensor> =>
  new Map(tensors.map((tensor) => [tensor.name, tensor]));

/**
 * The artifacts of a model. Microsoft's flavour keeps no output beside the loss unless `outputs` names some, as generate_artifacts
 * does. Throws USAGE, GRADIENT_MISSING, SHAPE_CONFLICT; ARTIFACTS_FORMAT for an optimizer that onnxruntime-training lacks.
 */
export function generateArtifacts(model: Model, options: ArtifactOptions): Artifacts {
  const { flavor, optimizer, clip } = options;
  const isPortable = flavor === 'portable';
  const built = buildTrainingGraph(model, { ...options, outputs: options.outputs ?? (isPortable ? undefined : []) });
  const plan = { optimizer, clip };
  const opset = model.opsets.get('') ?? 0;
  const checkpoint: Checkpoint = {
    trained: byName(built.trained),
    frozen: byName(built.frozen),
    groups: [],
    properties: NO_PROPERTIES,
  };
  return {
    training: isPortable
      ? portableTraining({ ...built.graph, model: lower(built.graph.model) })
      : microsoftTraining(built.graph),
    eval: built.eval,
    optimizer: isPortable ? portableOptimizer(plan, built.graph.trained, opset) : microsoftOptimizer(plan, opset),
    checkpoint,
  };
}
