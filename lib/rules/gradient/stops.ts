/** Operators through which no gradient flows: what they make is no smooth function of what comes in. */
import { COMPARE } from '../families.js';
import { type Row, rows } from '../table.js';
import type { GradientRule } from './rule.js';

/** By no input. */
export const stop: GradientRule = (context) => context.node.inputs.map(() => undefined);

/** Integers, shapes, choices; steps, whose slope is 0 wherever there is one. */
const STOPS: readonly string[] = [
  ...COMPARE,
  ...['ArgMax', 'ArgMin', 'BitShift', 'BitwiseAnd', 'BitwiseNot', 'BitwiseOr', 'BitwiseXor', 'Bernoulli', 'Ceil'],
  ...[
    'Constant',
    'ConstantOfShape',
    'EyeLike',
    'Floor',
    'Hardmax',
    'IsInf',
    'IsNaN',
    'Multinomial',
    'NonMaxSuppression',
    'NonZero',
    'Not',
    'OneHot',
    'RandomNormal',
  ],
  ...['RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Range', 'Round', 'Shape', 'Sign', 'Size'],
];

export const stoppedGradients: readonly Row<GradientRule>[] = rows(STOPS, stop);
