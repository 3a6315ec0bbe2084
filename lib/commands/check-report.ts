/** What a check of a training answers. */
import { TransplantError } from '../errors.js';
import { byteLength } from '../ir/dtype.js';
import type { Model, Tensor } from '../ir/model.js';
import { elementCount } from '../ir/numeric.js';
import { encodeModel } from '../onnx/write.js';
import type { Flavor } from '../training/artifacts/generate.js';
import type { StepGraph } from '../training/step-graph.js';
import type { OptimizerOptions } from './optimizer-options.js';
import type { NormOptions, TrainOptions } from './train-options.js';

/** What of a training matters for its step. */
export type CheckOptions = Pick<
  TrainOptions,
  'loss' | 'logits' | 'input' | 'clip' | 'train' | 'freeze' | keyof OptimizerOptions | keyof NormOptions
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
  /** What was decided when the artifacts were made; only for those. */
  readonly artifacts?: CheckedArtifacts | undefined;
  readonly notes: readonly string[];
}

/** What artifacts hold. */
export interface CheckedArtifacts {
  readonly flavor: Flavor;
  /** What the optimizer remembers of each parameter: `momentum0`, .. */
  readonly moments: readonly string[];
  /** Steps that it has done. */
  readonly steps: number;
  /** The learning rate where none is told. */
  readonly rate: number;
  readonly input: string;
  readonly labels: string;
  readonly loss: string;
  /** The value that the loss judges. */
  readonly judged: string;
  /** What the model gives that comes of a training. */
  readonly outputs: readonly string[];
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

/** A parameter as a report tells it. */
export const described = ({ name, dims }: Tensor): CheckedParameter => ({
  name,
  shape: dims,
  elements: elementCount(dims),
});

/** Refusals that say that a graph cannot be trained, and not that something is wrong with it. */
const UNTRAINABLE: ReadonlySet<string> = new Set(['GRADIENT_MISSING', 'OP_UNSUPPORTED']);

/** What a call makes, or why it cannot. */
export function attempt<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    if (error instanceof TransplantError && UNTRAINABLE.has(error.code)) return error.message;
    throw error;
  }
}

/** How large a step is, of a model that was `before`. */
export function stepSize({ model, parameters }: StepGraph, before: Model): StepSize {
  const slots = parameters.flatMap(({ state, ...own }) => [own, ...state]);
  return {
    nodes: model.graph.nodes.length,
    modelNodes: before.graph.nodes.length,
    bytes: encodeModel(model).length,
    stateBytes: slots.reduce((sum, { dtype, dims }) => sum + (byteLength(dtype, elementCount(dims)) ?? 0), 0),
  };
}
