/** Shapes of quantised operators: those of the operators that they stand for. */
import { INT32, UINT8 } from '../../ir/dtype.js';
import { intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { matMul } from './linear.js';
import { type Facts, type ShapeRule, UNKNOWN } from './rule.js';
import { conv } from './spatial.js';

const quantise: ShapeRule = (context) => {
  const dtype = context.input(2)?.dtype ?? (intOf(context.node, 'output_dtype', 0) || UINT8);
  return [{ dtype, shape: context.input(0)?.shape }];
};

const dequantise: ShapeRule = (context) => [
  { dtype: intOf(context.node, 'output_dtype', 0) || context.input(1)?.dtype, shape: context.input(0)?.shape },
];

/** The values, and the scale and zero point that were measured. */
const dynamic: ShapeRule = (context): readonly Facts[] => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  return [
    { dtype: UINT8, shape },
    { dtype, shape: [] },
    { dtype: UINT8, shape: [] },
  ];
};

/** A rule for operands that stand at other places, between scales and zero points; the type is that of input `typed`. */
const scaled =
  (rule: ShapeRule, places: readonly number[], typed: number): ShapeRule =>
  (context) => {
    const [made] = rule({ ...context, input: (index) => context.input(places[index] ?? -1) });
    return [{ ...(made ?? UNKNOWN), dtype: context.input(typed)?.dtype }];
  };

/** Integers in, sums out. */
const summed =
  (rule: ShapeRule): ShapeRule =>
  (context) => [{ ...(rule(context)[0] ?? UNKNOWN), dtype: INT32 }];

export const quantisedShapes: readonly Row<ShapeRule>[] = [
  ...rows(['QuantizeLinear'], quantise),
  ...rows(['DequantizeLinear'], dequantise),
  ...rows(['DynamicQuantizeLinear'], dynamic),
  ...rows(['QLinearConv'], scaled(conv, [0, 3], 7)),
  ...rows(['QLinearMatMul'], scaled(matMul, [0, 3], 7)),
  ...rows(['ConvInteger'], summed(conv)),
  ...rows(['MatMulInteger'], summed(matMul)),
];
