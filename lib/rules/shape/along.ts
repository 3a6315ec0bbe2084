/** Shapes of operators that work along one or two axes by the order of positions there. */
import { type Dim, isSymbolic } from '../../ir/dim.js';
import { FLOAT, INT32 } from '../../ir/dtype.js';
import { flagOf, intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { type Facts, type ShapeContext, type ShapeRule, UNKNOWN } from './rule.js';
import { axisOf, unknownDim } from './support.js';

const same: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  return [{ dtype, shape }];
};

const determinant: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  return [{ dtype, shape: shape?.slice(0, -2) }];
};

const eyeLike: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  return [{ dtype: intOf(context.node, 'dtype', dtype), shape }];
};

const multinomial: ShapeRule = (context) => {
  const batch = context.input(0)?.shape?.[0];
  const draws = intOf(context.node, 'sample_size', 1);
  return [{ dtype: intOf(context.node, 'dtype', INT32), shape: batch === undefined ? undefined : [batch, draws] }];
};

/** One side of a spectrum: n / 2 + 1 frequencies. */
const halved = (n: Dim): Dim | undefined => (isSymbolic(n) ? undefined : Math.floor(n / 2) + 1);

const single = (context: ShapeContext, index: number): Dim | undefined => context.input(index)?.content?.[0];

/** DFT: along an axis (operand 2 since opset 20) as many frequencies as samples or as told; complex numbers as a last axis. */
const fourier: ShapeRule = (context): readonly Facts[] => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const named = context.opset < 20 ? intOf(context.node, 'axis', 1) : context.node.inputs[2] ? single(context, 2) : -2;
  const [oneSided, inverse] = [flagOf(context.node, 'onesided'), flagOf(context.node, 'inverse')];
  if (!shape || typeof named !== 'number' || (oneSided && inverse)) return [{ dtype, shape: undefined }];
  const at = axisOf(context, named, shape.length);
  const length = context.node.inputs[1] ? single(context, 1) : shape[at];
  const count = length === undefined ? undefined : oneSided ? halved(length) : length;
  const last = shape.length - 1;
  return [
    { dtype, shape: shape.map((dim, k) => (k === at ? (count ?? unknownDim(context, at)) : k === last ? 2 : dim)) },
  ];
};

/** HannWindow and its kin: a weight for each of so many samples. */
const window: ShapeRule = (context) => {
  const dtype = intOf(context.node, 'output_datatype', FLOAT);
  return [{ dtype, shape: [single(context, 0) ?? unknownDim(context, 0)] }];
};

/** MelWeightMatrix: from frequencies to mel bins. */
const mel: ShapeRule = (context) => {
  const dtype = intOf(context.node, 'output_datatype', FLOAT);
  const [bins, length] = [single(context, 0), single(context, 1)];
  const frequencies = length === undefined ? undefined : halved(length);
  return [{ dtype, shape: [frequencies ?? unknownDim(context, 0), bins ?? unknownDim(context, 1)] }];
};

export const alongShapes: readonly Row<ShapeRule>[] = [
  ...rows(['CumSum', 'CumProd', 'ReverseSequence', 'Trilu', 'TensorScatter'], same),
  ...rows(['Det'], determinant),
  ...rows(['EyeLike'], eyeLike),
  ...rows(['Multinomial'], multinomial),
  ...rows(['DFT'], fourier),
  ...rows(['BlackmanWindow', 'HammingWindow', 'HannWindow'], window),
  ...rows(['MelWeightMatrix'], mel),
];
