/** `train --check`: what a training would train, and what it cannot, without training. */
import { TransplantError } from '../errors.js';
import { byteLength } from '../ir/dtype.js';
import type { Model, Tensor } from '../ir/model.js';
import { nodeText } from '../ir/nodes.js';
import { elementCount } from '../ir/numeric.js';
import { encodeModel } from '../onnx/write.js';
import { findStepGaps } from '../training/gaps.js';
import { chooseParameters, parametersOf } from '../training/parameters.js';
import { buildStep, type StepGraph, type StepOptions } from '../training/step-graph.js';
import { loadMember } from './load.js';
import { lossOf } from './loss-option.js';
import type { OptimizerOptions } from './optimizer-options.js';
import { type NormOptions, stepOptions, type TrainOptions } from './train.js';

/** What of a training matters for its step. */
export type CheckOptions = Pick<
  TrainOptions,
  'loss' | 'logits' | 'clip' | 'train' | 'freeze' | keyof OptimizerOptions | keyof NormOptions
>;

/** A node whose backward pass no rule tells, though the loss depends on parameters through it. */
export interface MissingGradient {
  readonly node: string;
  readonly operator: string;
  readonly why: string;
}

/** A parameter, by its name in the file. */
export interface CheckedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elements: number;
}

/** What a training would do. */
export interface CheckReport {
  readonly schema: 'onnx-transplant/train-check@1';
  readonly model: string;
  /** Whether it can be trained so. */
  readonly ok: boolean;
  readonly missing: readonly MissingGradient[];
  /** Why the first node that has a rule refuses, where nothing is missing and one does. */
  readonly refused?: string | undefined;
  readonly trained: readonly CheckedParameter[];
  readonly frozen: readonly CheckedParameter[];
  /** Parameters on which the loss does not depend: a training leaves them as they are. */
  readonly idle: readonly string[];
  /** The graph of one step; undefined where there is none. */
  readonly step?: StepSize | undefined;
  readonly notes: readonly string[];
}

/** How large a step is. */
export interface StepSize {
  readonly nodes: number;
  /** Of the model itself, for comparison. */
  readonly modelNodes: number;
  /** Of the graph as ONNX Runtime gets it: nodes, and the weights that are not trained. */
  readonly bytes: number;
  /** Of parameters and optimizer state, which are held twice. */
  readonly stateBytes: number;
}

/** Checks whether a model file can be trained. Throws USAGE, SHAPE_CONFLICT, and what reading throws. */
export function checkTraining(path: string, options: CheckOptions = {}): CheckReport {
  const model = loadMember(path);
  const step = stepOptions(options, lossOf(options.loss));
  const missing = findStepGaps(model, step).map(({ node, why }) => ({
    node: nodeText(node),
    operator: node.opType,
    why,
  }));
  const built = missing.length === 0 ? tryStep(model, step) : undefined;
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
    ...(graph && { step: sizeOf(graph, model) }),
    notes: [],
  };
}

const described = ({ name, dims }: Tensor): CheckedParameter => ({ name, shape: dims, elements: elementCount(dims) });

/** The step, or why there is none. */
function tryStep(model: Model, step: StepOptions): StepGraph | string {
  try {
    return buildStep(model, step);
  } catch (error) {
    if (error instanceof TransplantError && error.code === 'GRADIENT_MISSING') return error.message;
    throw error;
  }
}

function sizeOf({ model, parameters }: StepGraph, before: Model): StepSize {
  const slots = parameters.flatMap(({ state, ...own }) => [own, ...state]);
  return {
    nodes: model.graph.nodes.length,
    modelNodes: before.graph.nodes.length,
    bytes: encodeModel(model).length,
    stateBytes: slots.reduce((sum, { dtype, dims }) => sum + (byteLength(dtype, elementCount(dims)) ?? 0), 0),
  };
}
