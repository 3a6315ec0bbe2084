/** Layers with weights, in all the forms that exporters write them. */
import { type Axis, axisAt, channelOf, fixedLen, isLast, isSpatial, type Len, type Open, rankOf } from './axes.js';
import type { Draft } from './draft.js';
import { list } from './text.js';

const VECTOR_FORMS = ['gemm', 'gemmT', 'gemmA', 'gemmAB', 'matmul', 'matmul', 'left'] as const;
const LAST_FORMS = ['matmul', 'matmul', 'matmul', 'left', 'stack'] as const;
export type Form = (typeof VECTOR_FORMS)[number] | (typeof LAST_FORMS)[number];

/** What a layer leads to: neurons of some width, or as many positions as an output has. */
export const neurons = (len: Len): Axis => ({ role: 'neurons', len });
export const positions = (count: number): Axis => ({ role: 'fixed', len: fixedLen(count) });

const withChannel = (value: Open, axis: Axis): readonly Axis[] =>
  value.axes.map((each, at) => (at === value.channel ? axis : each));

/** A bias as a Gemm takes it: a vector, or a matrix of one row. */
const bias = (d: Draft, to: Len): string => (d.chance(0.8) ? d.vector([to]) : d.vector([fixedLen(1), to]));

function gemm(d: Draft, x: string, from: Len, to: Len, form: Form): string {
  const [ta, tb] = [form === 'gemmA' || form === 'gemmAB', form === 'gemmT' || form === 'gemmAB'];
  const a = ta ? d.node(`Transpose(${x})`) : x;
  const w = d.weight(tb ? [to, from] : [from, to], from);
  const c = d.chance(0.7) ? `, ${bias(d, to)}` : '';
  const scaled = d.chance(0.2) ? ['alpha: 0.5', 'beta: 1.5'] : [];
  const flags = [...(ta ? ['transA: 1'] : []), ...(tb ? ['transB: 1'] : []), ...scaled];
  return d.node(`Gemm(${a}, ${w}${c}) {${flags.join(', ')}}`);
}

/** Exchanges the last two axes. */
function turned(d: Draft, x: string, rank: number): string {
  const order = [...Array(rank).keys()];
  return d.node(`Transpose(${x}) {perm: [${[...order.slice(0, -2), rank - 1, rank - 2].join(', ')}]}`);
}

function product(d: Draft, x: string, rank: number, from: Len, to: Len, form: Form): string {
  if (form === 'left') {
    return turned(d, d.node(`MatMul(${d.weight([to, from], from)}, ${turned(d, x, rank)})`), rank);
  }
  // A stack of one matrix broadcasts over the batch.
  const lead = form === 'stack' ? [fixedLen(1)] : [];
  // Legacy exports hold the weight the other way round and turn it in the graph.
  if (lead.length === 0 && d.chance(0.04)) {
    return d.node(`MatMul(${x}, ${d.node(`Transpose(${d.weight([to, from], from)})`)})`);
  }
  return d.node(`MatMul(${x}, ${d.weight([...lead, from, to], from)})`);
}

/** A linear layer along the last axis. */
export function linear(d: Draft, value: Open, to: Axis): Open {
  const [rank, from] = [rankOf(value), channelOf(value).len];
  const form = d.oneOf<Form>(rank === 2 ? VECTOR_FORMS : LAST_FORMS);
  const made = () => {
    if (form.startsWith('gemm')) return gemm(d, value.name, from, to.len, form);
    const y = product(d, value.name, rank, from, to.len, form);
    if (d.chance(0.3)) return y;
    const b = d.vector(d.chance(0.85) ? [to.len] : [fixedLen(1), to.len]);
    return d.node(d.chance(0.5) ? `Add(${y}, ${b})` : `Add(${b}, ${y})`);
  };
  return { ...value, name: made(), axes: withChannel(value, to) };
}

/** Lengths of the spatial axes, which are the same in all variants. */
export const spatialOf = (value: Open): readonly number[] => value.axes.slice(2).map(({ len }) => len[0] as number);

/** A window over the spatial axes: attributes, and the lengths behind it. */
export interface Window {
  readonly kernel: readonly number[];
  readonly attributes: readonly string[];
  readonly spatial: readonly number[];
}

/** Draws a window that fits; `kernel` given where the weight has it already. */
export function windowOver(d: Draft, value: Open, options: { least?: number; dilated?: boolean } = {}): Window {
  const before = spatialOf(value);
  const each = before.map((length) => {
    const kernel = Math.max(options.least ?? 1, Math.min(d.oneOf([1, 2, 3, 3]), length + 1));
    const dilation = options.dilated && kernel > 1 && (kernel - 1) * 2 + 1 <= length && d.chance(0.2) ? 2 : 1;
    const extent = (kernel - 1) * dilation + 1;
    const [begin, end] = d.chance(0.6) ? [(extent - 1) >> 1, extent >> 1] : [0, 0];
    const short = length + begin + end < extent;
    const stride = d.chance(0.25) ? 2 : 1;
    return { kernel, dilation, begin: short ? extent - 1 : begin, end: short ? 0 : end, stride, length };
  });
  // Padding to the same size would have to be negative where a window is shorter than its step.
  const same = d.chance(0.1) && each.every(({ dilation, kernel, stride }) => dilation === 1 && kernel >= stride);
  const spatial = each.map(({ kernel, dilation, begin, end, stride, length }) =>
    same ? Math.ceil(length / stride) : Math.floor((length + begin + end - ((kernel - 1) * dilation + 1)) / stride) + 1,
  );
  const pads = same
    ? [`auto_pad: '${d.oneOf(['SAME_UPPER', 'SAME_LOWER'])}'`]
    : [`pads: ${list([...each.map(({ begin }) => begin), ...each.map(({ end }) => end)])}`];
  const attributes = [
    ...pads,
    `strides: ${list(each.map(({ stride }) => stride))}`,
    ...(options.dilated ? [`dilations: ${list(each.map(({ dilation }) => dilation))}`] : []),
  ];
  return { kernel: each.map(({ kernel }) => kernel), attributes, spatial };
}

/** The axes of a value behind a window. */
export const behind = (value: Open, channel: Axis, spatial: readonly number[]): readonly Axis[] => [
  axisAt(value, 0),
  channel,
  ...spatial.map((length): Axis => ({ role: 'fixed', len: fixedLen(length) })),
];

/** A convolution over the spatial axes. */
export function convolve(d: Draft, value: Open, to: Axis, kept = false): Open {
  const from = channelOf(value).len;
  const spatial = spatialOf(value);
  const pointwise: Window = { kernel: spatial.map(() => 1), attributes: [], spatial };
  const window = kept ? pointwise : windowOver(d, value, { dilated: true });
  const fan = from.map((each) => each * window.kernel.reduce((a, b) => a * b, 1));
  const w = d.weight([to.len, from, ...window.kernel.map(fixedLen)], fan);
  const b = d.chance(0.7) ? `, ${d.vector([to.len])}` : '';
  const text = `Conv(${value.name}, ${w}${b}) {${window.attributes.join(', ')}}`;
  return d.as(value, text, behind(value, to, window.spatial));
}

/** A layer of the kind that `value` takes, without moving its other axes. */
export const layer = (d: Draft, value: Open, to: Axis): Open =>
  isLast(value) ? linear(d, value, to) : convolve(d, value, to, true);

/** Whether a layer of some kind can contract its channels. */
export const takesLayer = (value: Open): boolean => isLast(value) || isSpatial(value);
