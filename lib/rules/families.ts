/** Operators that every concern treats alike, by their ONNX names. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** One input, one output of the same shape, element by element; further inputs (Clip's bounds) are scalars. */
export const UNARY: readonly string[] = words(`
  Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid
  HardSwish IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh
  Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu
`);

/** Since this opset inputs broadcast as in NumPy; before, attributes said how, and nobody runs that any more. */
export const BROADCASTS_SINCE = 7;

/** Two inputs that broadcast against each other. */
export const BINARY: readonly string[] = words(`
  Add Sub Mul Div Pow Mod BitShift BitwiseAnd BitwiseOr BitwiseXor
`);

/** Any number of inputs that broadcast against each other. */
export const VARIADIC: readonly string[] = ['Sum', 'Mean', 'Max', 'Min'];

/** Two inputs that broadcast, booleans out. */
export const COMPARE: readonly string[] = [
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'And',
  'Or',
  'Xor',
];

/** The domain of ONNX Runtime's own operators. */
export const MICROSOFT = 'com.microsoft';

/** Those of them that are activations, some with a bias as their second input. */
export const RUNTIME_ACTIVATIONS: readonly string[] = ['BiasGelu', 'FastGelu', 'Gelu', 'QuickGelu'];

/** Reductions over axes given as attribute or operand. */
export const REDUCE: readonly string[] = [
  'ReduceMean',
  'ReduceSum',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceSumSquare',
];

/** They look at nothing of a value but its shape. */
export const ASK_SHAPE: readonly string[] = ['Shape', 'Size'];

/** Pooling windows over the spatial axes. */
export const POOL: readonly string[] = ['MaxPool', 'AveragePool', 'LpPool'];

/** Pooling over all of the spatial axes. */
export const GLOBAL_POOL: readonly string[] = ['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'];

/** Operands may change places. */
export const COMMUTATIVE: ReadonlySet<string> = new Set(
  words(`
  Add Mul And Or Xor Equal Max Min Sum Mean
`),
);

/** One exporter writes the one where another writes the other. */
export const LINEAR: ReadonlySet<string> = new Set(['Gemm', 'MatMul']);
