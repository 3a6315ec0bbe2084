/**
 * Losses: a graph that ends in outputs becomes one that ends in a number, with the loss's gradient by those outputs. The gradients
 * are written down as calculus gives them, which is shorter and more exact than what the chain rule makes of the forward nodes.
 */
import { usage } from '../errors.js';
import { int } from '../ir/attributes.js';
import { isSymbolic, type Shape, symbol } from '../ir/dim.js';
import { FLOAT, INT64 } from '../ir/dtype.js';
import type { Value } from '../ir/model.js';
import type { Emitter } from '../rules/gradient/rule.js';
import { add, mul, neg, scalar, sub, times } from '../rules/gradient/support.js';
import type { GrowingGraph } from './growing.js';

export const LOSSES = ['cross-entropy', 'bce', 'mse', 'l1'] as const;
/** What is made small: cross entropy of classes, binary cross entropy with logits, mean squares, mean distances. */
export type LossName = (typeof LOSSES)[number];

/** A loss on one output of the model. */
export interface Loss {
  /** The loss's value: one number. */
  readonly loss: string;
  /** The loss's gradient by the output. */
  readonly gradient: string;
  /** What must be fed beside the model's inputs. */
  readonly inputs: readonly Value[];
}

/** 1 / how many elements a value has, in the type of `like`. */
function perElement(e: Emitter, value: string, like: string): string {
  const shape = e.shape(value);
  if (!shape.some(isSymbolic)) return scalar(e, 1 / (shape as readonly number[]).reduce((a, b) => a * b, 1), like);
  return e.emit('Reciprocal', [e.emit('Cast', [e.emit('Size', [value])], int('to', e.dtype(like) ?? FLOAT))]);
}

/** The mean of all elements. */
const meanOf = (e: Emitter, value: string): string => e.emit('ReduceMean', [value], int('keepdims', 0));

const CLASS_AXIS = 1;

/** The shape of labels: that of the logits without the classes. */
const labelShape = (logits: Shape): Shape => logits.filter((_, axis) => axis !== CLASS_AXIS);

/** How many classes the logits [batch, classes, ..] tell apart. Throws USAGE. */
function classesOf(graph: GrowingGraph, logits: string): number {
  const classes = graph.shape(logits)[CLASS_AXIS];
  if (typeof classes === 'number') return classes;
  throw usage(
    'cross entropy needs logits [batch, classes, ..] with a known number of classes',
    'Choose another --loss.',
  );
}

/** -log p(label), the mean over all labels (int64 [batch, ..]); by the logits p - 1 at the label, p elsewhere, over their number. */
function crossEntropy(graph: GrowingGraph, logits: string, labels: string): Loss {
  const shape = graph.shape(logits);
  const input: Value = { name: labels, dtype: INT64, shape: labelShape(shape) };
  graph.facts.set(labels, input);
  const logP = graph.emit('LogSoftmax', [logits], int('axis', CLASS_AXIS));
  const hot = oneHot(graph, labels, classesOf(graph, logits), logits);
  const loss = neg(
    graph,
    meanOf(graph, graph.emit('ReduceSum', [mul(graph, hot, logP), graph.int64s([CLASS_AXIS])], int('keepdims', 0))),
  );
  const gradient = mul(graph, sub(graph, graph.emit('Exp', [logP]), hot), perElement(graph, labels, logits));
  return { loss, gradient, inputs: [input] };
}

/** 1 at the label, 0 elsewhere, along the classes. */
export const oneHot = (graph: GrowingGraph, labels: string, classes: number, like: string): string =>
  graph.emit('OneHot', [labels, graph.int64s([classes], []), graph.reals([0, 1], [2], like)], int('axis', CLASS_AXIS));

/** A mean over elements of what a prediction x and a target y (of its shape and type) make. */
const elementwise =
  (loss: (e: Emitter, x: string, y: string) => string, slope: (e: Emitter, x: string, y: string) => string) =>
  (graph: GrowingGraph, x: string, labels: string): Loss => {
    const input: Value = { name: labels, dtype: graph.dtype(x), shape: graph.shape(x) };
    graph.facts.set(labels, input);
    const gradient = mul(graph, slope(graph, x, labels), perElement(graph, x, x));
    return { loss: meanOf(graph, loss(graph, x, labels)), gradient, inputs: [input] };
  };

const square = (e: Emitter, x: string): string => mul(e, x, x);

const BUILDERS: ReadonlyMap<LossName, (graph: GrowingGraph, output: string, labels: string) => Loss> = new Map([
  ['cross-entropy', crossEntropy],
  // log(1 + e^x) - x y
  [
    'bce',
    elementwise(
      (e, x, y) => sub(e, e.emit('Softplus', [x]), mul(e, x, y)),
      (e, x, y) => sub(e, e.emit('Sigmoid', [x]), y),
    ),
  ],
  [
    'mse',
    elementwise(
      (e, x, y) => square(e, sub(e, x, y)),
      (e, x, y) => times(e, sub(e, x, y), 2),
    ),
  ],
  [
    'l1',
    elementwise(
      (e, x, y) => e.emit('Abs', [sub(e, x, y)]),
      (e, x, y) => e.emit('Sign', [sub(e, x, y)]),
    ),
  ],
] as const);

/** Puts a loss behind the output; `labels` is the name of the new input. Throws USAGE, GRADIENT_MISSING. */
export function addLoss(graph: GrowingGraph, name: LossName, output: string, labels: string): Loss {
  const builder = BUILDERS.get(name);
  if (!builder) throw usage(`no loss ${name}`, `Choose one of ${LOSSES.join(', ')}.`);
  return builder(graph, output, labels);
}

/** How a student learns from teachers. */
export interface Distillation {
  /** Softens both distributions. */
  readonly temperature: number;
  /** The share of the soft loss; the rest is cross entropy with the labels. */
  readonly alpha: number;
  /** Soft cross entropy, or Kullback-Leibler divergence, which differs by the teacher's entropy and not in its gradient. */
  readonly soft: 'kl' | 'cross-entropy';
}

/**
 * alpha T^2 soft(teacher / T, student / T) + (1 - alpha) cross entropy (Hinton 2015; the paper's code: T 2, alpha .25). The
 * teachers' mean logits are an input `teacher`.
 */
export function addDistillation(
  graph: GrowingGraph,
  { temperature, alpha, soft }: Distillation,
  logits: string,
  labels: string,
  teacher: string,
): Loss {
  const shape = graph.shape(logits);
  const taught: Value = { name: teacher, dtype: graph.dtype(logits), shape };
  graph.facts.set(teacher, taught);
  const softened = (value: string) =>
    graph.emit('LogSoftmax', [times(graph, value, 1 / temperature)], int('axis', CLASS_AXIS));
  const [logP, logQ] = [softened(logits), softened(teacher)];
  const q = graph.emit('Exp', [logQ]);
  const unlike = soft === 'kl' ? sub(graph, logP, logQ) : logP;
  const sums = graph.emit('ReduceSum', [mul(graph, q, unlike), graph.int64s([CLASS_AXIS])], int('keepdims', 0));
  const softLoss = times(graph, meanOf(graph, sums), -alpha * temperature ** 2);
  const rows = perElement(graph, sums, logits);
  const softGradient = times(graph, mul(graph, sub(graph, graph.emit('Exp', [logP]), q), rows), alpha * temperature);
  if (alpha === 1) return { loss: softLoss, gradient: softGradient, inputs: [taught] };
  const hard = crossEntropy(graph, logits, labels);
  return {
    loss: add(graph, softLoss, times(graph, hard.loss, 1 - alpha)),
    gradient: add(graph, softGradient, times(graph, hard.gradient, 1 - alpha)),
    inputs: [...hard.inputs, taught],
  };
}

/** An open batch. */
export const BATCH = symbol('batch');
