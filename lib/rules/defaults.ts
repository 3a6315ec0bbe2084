/** Table: what attributes of ONNX's own operators are where they are left out. Source: the operator schemas of ONNX 1.23. */

/** Attributes that mean the same for every operator that has them. */
const EVERYWHERE: readonly (readonly [string, string])[] = [
  ['align_corners', '0'],
  ['allowzero', '0'],
  ['antialias', '0'],
  ['approximate', 'none'],
  ['auto_pad', 'NOTSET'],
  ['batch_dims', '0'],
  ['block_size', '0'],
  ['ceil_mode', '0'],
  ['center_point_box', '0'],
  ['coordinate_transformation_mode', 'half_pixel'],
  ['count_include_pad', '0'],
  ['cubic_coeff_a', '-0.75'],
  ['direction', 'forward'],
  ['epsilon', '0.00001'],
  ['exclude_outside', '0'],
  ['exclusive', '0'],
  ['extrapolation_value', '0'],
  ['fmod', '0'],
  ['group', '1'],
  ['input_forget', '0'],
  ['is_causal', '0'],
  ['keep_aspect_ratio_policy', 'stretch'],
  ['keepdims', '1'],
  ['largest', '1'],
  ['layout', '0'],
  ['linear_before_reset', '0'],
  ['momentum', '0.9'],
  ['nearest_mode', 'round_prefer_floor'],
  ['noop_with_empty_axes', '0'],
  ['offset_group', '1'],
  ['padding_mode', 'zeros'],
  ['reverse', '0'],
  ['saturate', '1'],
  ['select_last_index', '0'],
  ['softcap', '0'],
  ['sorted', '1'],
  ['stash_type', '1'],
  ['storage_order', '0'],
  ['training_mode', '0'],
  ['transA', '0'],
  ['transB', '0'],
  ['upper', '1'],
];

/** Attributes whose default depends on the operator: `Operator.attribute`. */
const BY_OPERATOR: readonly (readonly [string, string])[] = [
  ['ArgMax.axis', '0'],
  ['ArgMin.axis', '0'],
  ['BatchNormalization.spatial', '1'],
  ['Celu.alpha', '1'],
  ['DepthToSpace.mode', 'DCR'],
  ['DequantizeLinear.axis', '1'],
  ['Elu.alpha', '1'],
  ['Flatten.axis', '1'],
  ['Gather.axis', '0'],
  ['GatherElements.axis', '0'],
  ['Gemm.alpha', '1'],
  ['Gemm.beta', '1'],
  ['HardSigmoid.alpha', '0.2'],
  ['HardSigmoid.beta', '0.5'],
  ['LayerNormalization.axis', '-1'],
  ['LeakyRelu.alpha', '0.01'],
  ['LpNormalization.axis', '-1'],
  ['LpNormalization.p', '2'],
  ['LRN.alpha', '0.0001'],
  ['LRN.beta', '0.75'],
  ['LRN.bias', '1'],
  ['Pad.mode', 'constant'],
  ['QuantizeLinear.axis', '1'],
  ['Resize.mode', 'nearest'],
  ['RMSNormalization.axis', '-1'],
  ['Scatter.axis', '0'],
  ['ScatterElements.axis', '0'],
  ['ScatterElements.reduction', 'none'],
  ['ScatterND.reduction', 'none'],
  ['Shape.start', '0'],
  ['Split.axis', '0'],
  ['ThresholdedRelu.alpha', '1'],
  ['TopK.axis', '-1'],
  ['Upsample.mode', 'nearest'],
];

/** Since opset 13 these take the last axis, before the second. */
const LAST_AXIS: ReadonlySet<string> = new Set(['Softmax', 'LogSoftmax', 'Hardmax']);

const TABLE: ReadonlyMap<string, string> = new Map([
  ...EVERYWHERE.map(([name, value]) => [`.${name}`, value] as const),
  ...BY_OPERATOR,
]);

/** Lists whose default has one entry for each spatial axis. */
const EACH_AXIS: ReadonlyMap<string, string> = new Map([
  ['dilations', '1'],
  ['strides', '1'],
  ['pads', '0'],
  ['output_padding', '0'],
]);

/**
 * Whether an attribute of one of ONNX's own operators, as text, says what the operator does without it.
 * `opset` is the version of ONNX's own operators.
 */
export function isDefault(opType: string, name: string, value: string, opset: number): boolean {
  const each = EACH_AXIS.get(name);
  if (each !== undefined) return value.split(',').every((entry) => entry.trim() === each);
  if (LAST_AXIS.has(opType) && name === 'axis') return value === (opset < 13 ? '1' : '-1');
  return (TABLE.get(`${opType}.${name}`) ?? TABLE.get(`.${name}`)) === value;
}
