/** Gradients of Concat and Split. */
import { int } from '../../ir/attributes.js';
import { type Row, rows } from '../table.js';
import type { GradientRule } from './rule.js';
import { arriving, axisIn, joined, lengthOf, wanted } from './support.js';

/** Each part gets its stretch: Split with sizes as an operand (ONNX 13). */
const concat: GradientRule = (context) => {
  const { inputs } = context.node;
  if (!inputs.some((_, index) => context.wants(index))) return [];
  if (inputs.length === 1) return [arriving(context)];
  const axis = axisIn(context, 0, context.shape(context.output(0)).length);
  const sizes = joined(
    context,
    inputs.map((name) => lengthOf(context, name, axis)),
  );
  const parts = context.emitAll('Split', [arriving(context), sizes], inputs.length, int('axis', axis));
  return parts.map((part, index) => (context.wants(index) ? part : undefined));
};

/** The parts' gradients side by side; 0 for those that the loss does not see. */
const split: GradientRule = (context) =>
  wanted(context, () => {
    const axis = axisIn(context, 0, context.shape(context.input(0)).length);
    const parts = context.node.outputs.map((_, index) => arriving(context, index));
    return context.emit('Concat', parts, int('axis', axis));
  });

export const joiningGradients: readonly Row<GradientRule>[] = [
  ...rows(['Concat'], concat, 4),
  ...rows(['Split'], split),
];
