/** Gradients of operators that work along one or two axes by the order of positions there. */
import { int } from '../../ir/attributes.js';
import { flagOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { GradientRule } from './rule.js';
import { arriving, wanted } from './support.js';

/** Each element is in the sums from its place on: the same sums from the other end. */
const cumSum: GradientRule = (context) =>
  wanted(context, () =>
    context.emit(
      'CumSum',
      [arriving(context), context.input(1)],
      int('exclusive', flagOf(context.node, 'exclusive') ? 1 : 0),
      int('reverse', flagOf(context.node, 'reverse') ? 0 : 1),
    ),
  );

/** What is left of a matrix is what gets a gradient. */
const trilu: GradientRule = (context) =>
  wanted(context, () => context.emit('Trilu', [arriving(context), context.input(1)], ...context.node.attributes));

/** What is turned is turned back. */
const reverseSequence: GradientRule = (context) =>
  wanted(context, () =>
    context.emit('ReverseSequence', [arriving(context), context.input(1)], ...context.node.attributes),
  );

export const alongGradients: readonly Row<GradientRule>[] = [
  ...rows(['CumSum'], cumSum, 11),
  ...rows(['Trilu'], trilu, 14),
  ...rows(['ReverseSequence'], reverseSequence, 10),
];
