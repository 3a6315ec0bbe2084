/** Lowers an operator `XGrad` to what the gradient rule of X emits, so that one text tells both. */
import type { Node } from '../../ir/model.js';
import { GRADIENT_RULES } from '../gradient/index.js';
import type { GradientContext } from '../gradient/rule.js';
import { ruleFor } from '../table.js';
import type { LoweringContext } from './rule.js';

/** The forward operator, as far as its gradient rule looks at it. */
export type Forward = Pick<Node, 'opType' | 'inputs' | 'outputs'> & Partial<Pick<Node, 'domain' | 'attributes'>>;

/**
 * The gradients by the inputs `wanted` of a forward operator, whose first output's gradient is `arriving`. Attributes are those of
 * the gradient operator unless told. Throws OP_UNSUPPORTED where the operator has no rule.
 */
export function backward(
  c: LoweringContext,
  forward: Forward,
  arriving: string,
  wanted: readonly number[],
): readonly (string | undefined)[] {
  const node: Node = { name: c.node.name, domain: '', attributes: c.node.attributes, ...forward };
  const rule = ruleFor(GRADIENT_RULES, node, node.domain === '' ? c.opset : 1);
  if (!rule) return c.refuse(`no rule tells the backward pass of ${node.opType}`);
  const context: GradientContext = {
    ...emitterOf(c),
    node,
    input: (index) => node.inputs[index] ?? '',
    output: (index) => node.outputs[index] ?? '',
    gradient: (index) => (index === 0 ? arriving : undefined),
    wants: (index) => wanted.includes(index),
    refuse: c.refuse,
  };
  return rule(context);
}

/** The part of a context that adds nodes, bound to it. */
const emitterOf = (c: LoweringContext) => ({
  opset: c.opset,
  emit: c.emit,
  emitAll: c.emitAll,
  body: c.body,
  int64s: c.int64s,
  reals: c.reals,
  shape: c.shape,
  dtype: c.dtype,
  content: c.content,
  realContent: c.realContent,
  isConstant: c.isConstant,
});
