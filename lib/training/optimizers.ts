/** Optimizers as nodes: from parameters, gradients and state to the next parameters and state. */
import { int } from '../ir/attributes.js';
import { DOUBLE, FLOAT } from '../ir/dtype.js';
import type { Emitter } from '../rules/gradient/rule.js';
import { add, div, mul, plus, scalar, sub, times } from '../rules/gradient/support.js';

/** How parameters follow their gradients. */
export type Optimizer =
  | {
      readonly kind: 'sgd';
      readonly momentum: number;
      readonly nesterov: boolean;
      /** Added to the gradient, as PyTorch's SGD does. */
      readonly weightDecay: number;
    }
  | {
      readonly kind: 'adamw';
      readonly betas: readonly [number, number];
      readonly epsilon: number;
      /** Taken off the parameter (decoupled). */
      readonly weightDecay: number;
      /** Where epsilon is added: to the corrected root (PyTorch) or to the uncorrected one (onnxruntime's AdamW). */
      readonly form: 'pytorch' | 'onnxruntime';
    };

type Kind<K extends Optimizer['kind']> = Extract<Optimizer, { kind: K }>;

export const SGD: Kind<'sgd'> = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 };
export const ADAMW: Kind<'adamw'> = {
  kind: 'adamw',
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  weightDecay: 0.01,
  form: 'pytorch',
};

/** As onnxruntime-training's generate_artifacts writes it. */
export const ORT_ADAMW: Kind<'adamw'> = { ...ADAMW, epsilon: 1e-6, weightDecay: 0, form: 'onnxruntime' };

/** Names of what an optimizer remembers of each parameter, all in the parameter's shape and 0 at first. */
export const statesOf = (optimizer: Optimizer): readonly string[] => {
  if (optimizer.kind === 'adamw') return ['momentum0', 'momentum1'];
  return optimizer.momentum === 0 ? [] : ['momentum0'];
};

/** What every parameter's update reads. */
export interface Pace {
  /** The learning rate: one number. */
  readonly rate: string;
  /** The number of this step, from 1: one real number. */
  readonly step: string;
}

/** Values before a step; `state` in the order of `statesOf`. */
export interface Before {
  readonly parameter: string;
  readonly gradient: string;
  readonly state: readonly string[];
}

export interface After {
  readonly parameter: string;
  readonly state: readonly string[];
}

/** Adds one parameter's update. */
export const addUpdate = (e: Emitter, optimizer: Optimizer, pace: Pace, before: Before): After =>
  optimizer.kind === 'sgd' ? sgd(e, optimizer, pace, before) : adamw(e, optimizer, pace, before);

/** v = momentum v + g; p -= rate v, or with Nesterov's look ahead rate (g + momentum v). */
function sgd(e: Emitter, { momentum, nesterov, weightDecay }: Kind<'sgd'>, { rate }: Pace, before: Before): After {
  const { parameter, gradient, state } = before;
  const g = weightDecay === 0 ? gradient : add(e, gradient, times(e, parameter, weightDecay));
  const [old] = state;
  if (old === undefined) return { parameter: sub(e, parameter, mul(e, g, rate)), state: [] };
  const velocity = add(e, times(e, old, momentum), g);
  const direction = nesterov ? add(e, g, times(e, velocity, momentum)) : velocity;
  return { parameter: sub(e, parameter, mul(e, direction, rate)), state: [velocity] };
}

/**
 * m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p -= rate decay p, and p -= rate m' / (sqrt(v') + epsilon) with m' and v'
 * corrected for the first steps.
 */
function adamw(e: Emitter, optimizer: Kind<'adamw'>, { rate, step }: Pace, before: Before): After {
  const { betas, epsilon, weightDecay, form } = optimizer;
  const { parameter, gradient, state } = before;
  const [m0 = '', v0 = ''] = state;
  const m = add(e, times(e, m0, betas[0]), times(e, gradient, 1 - betas[0]));
  const v = add(e, times(e, v0, betas[1]), times(e, mul(e, gradient, gradient), 1 - betas[1]));
  const correction = (beta: number) => {
    // In double precision: of 1 - .999 float32 would keep four digits.
    const steps = e.emit('Cast', [step], int('to', DOUBLE));
    const left = sub(e, scalar(e, 1, steps), e.emit('Pow', [scalar(e, beta, steps), steps]));
    return e.emit('Cast', [left], int('to', e.dtype(parameter) ?? FLOAT));
  };
  const pace = div(e, rate, correction(betas[0]));
  const root = e.emit('Sqrt', [correction(betas[1])]);
  const decayed = (p: string) => (weightDecay === 0 ? p : sub(e, p, mul(e, p, times(e, rate, weightDecay))));
  const moved = (p: string) =>
    form === 'pytorch'
      ? sub(e, p, mul(e, div(e, m, plus(e, div(e, e.emit('Sqrt', [v]), root), epsilon)), pace))
      : sub(e, p, mul(e, div(e, m, plus(e, e.emit('Sqrt', [v]), epsilon)), mul(e, pace, root)));
  return { parameter: form === 'pytorch' ? moved(decayed(parameter)) : decayed(moved(parameter)), state: [m, v] };
}

/** Gradients scaled so that their common norm is at most `most` (PyTorch's clip_grad_norm_). */
export function clipNorm(
  e: Emitter,
  gradients: ReadonlyMap<string, string>,
  most: number,
): ReadonlyMap<string, string> {
  const squares = [...gradients.values()].map((each) => e.emit('ReduceSumSquare', [each], int('keepdims', 0)));
  const [first] = squares;
  if (first === undefined) return gradients;
  const norm = e.emit('Sqrt', [squares.length === 1 ? first : e.emit('Sum', squares)]);
  const factor = e.emit('Min', [scalar(e, 1, norm), div(e, scalar(e, most, norm), plus(e, norm, 1e-6))]);
  return new Map([...gradients].map(([name, gradient]) => [name, mul(e, gradient, factor)]));
}
