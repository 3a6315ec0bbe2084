/** Structure cases of operators that pick or place by index, and of those that work along an axis. */
import { bools, floats, int64s } from '../../support/weights.js';
import { conv, dense, type StructureCase, sequence } from './case.js';

const NONE = { groups: [], pruneRefused: 'NO_NEURONS', approximate: /./ } as const;

/** Tables of rows: the features of an embedding are neurons, though no layer makes them. */
const lookups: readonly StructureCase[] = [
  {
    groups: [8],
    inputs: { 'ids: int64': ['batch', 5] },
    outputs: ['y'],
    weights: { table: [2, 8], w2: [8, 3] },
    nodes: ['h = Gather(table, ids)', 'a = Relu(h)', 'y = MatMul(a, w2)'],
  },
  // Tokens and positions, which share a stream with a layer.
  {
    groups: [8],
    inputs: { 'ids: int64': ['batch', 5] },
    outputs: ['y'],
    weights: { table: [2, 8], places: [9, 8], at: int64s([0, 1, 2, 3, 4]), v: [8, 8], w2: [8, 3] },
    nodes: [
      't = Gather(table, ids)',
      'p = Gather(places, at)',
      'h = Add(t, p)',
      'm = MatMul(h, v)',
      'a = Add(h, m)',
      'y = MatMul(a, w2)',
    ],
  },
  // The table again as the last layer.
  {
    groups: [8],
    inputs: { 'ids: int64': ['batch', 5] },
    outputs: ['y'],
    weights: { table: [2, 8] },
    nodes: ['h = Gather(table, ids)', 'a = Relu(h)', 't = Transpose(table)', 'y = MatMul(a, t)'],
  },
  // A number for each neuron.
  // Only its shape is read, which is the same of any place; then what lies there is read, too.
  ...['Expand(nothing, s)', 'Expand(e, s)'].map((made, i) =>
    sequence(
      ['e = Gather(h, last) {axis: 2}', 's = Shape(e)', `g = ${made}`, 'c = Unsqueeze(g, two)', 'a = Add(h, c)'],
      {
        weights: { last: int64s([-1], []), two: int64s([2]), nothing: floats([0], []) },
        ...(i === 1 && { groups: [], pruneRefused: 'NO_NEURONS', approximate: /differs from member to member/ }),
      },
    ),
  ),
  dense(['p = Greater(h, zero)', 'i = Cast(p) {to: 7}', 'a = Gather(t, i)'], { weights: { t: floats([1, 2]) } }),
];

const picks: readonly StructureCase[] = [
  // Places of a sequence, the same for each neuron or for each its own.
  sequence(['a = GatherElements(h, i) {axis: 1}'], {
    inputs: { x: [2, 5, 6] },
    weights: {
      i: int64s(
        Array.from({ length: 32 }, (_, k) => k % 5),
        [2, 2, 8],
      ),
    },
  }),
  // As PyTorch picks one place for all neurons: the index is stretched over them.
  sequence(['e = Expand(i, t)', 'a = GatherElements(h, e) {axis: 1}'], {
    inputs: { x: [2, 5, 6] },
    weights: { i: int64s([3, 1], [2, 1, 1]), t: int64s([2, 1, 8]) },
  }),
  dense(['a = GatherElements(h, i) {axis: 1}'], {
    inputs: { x: [2, 6] },
    weights: { i: int64s([7, 6, 5, 4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7], [2, 8]) },
    ...NONE,
  }),
  // Fewer neurons than there are: which ones is told by their numbers.
  sequence(['a = GatherElements(h, i) {axis: 1}'], {
    inputs: { x: [2, 5, 6] },
    weights: { i: int64s([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1], [2, 2, 3]) },
    width: 3,
    ...NONE,
  }),
  sequence(['a = GatherND(h, i) {batch_dims: 1}'], {
    inputs: { x: [2, 5, 6] },
    weights: { i: int64s([0, 4, 2, 1, 1, 3], [2, 3, 1]) },
  }),
  sequence(['a = GatherND(h, i)'], { inputs: { x: [2, 5, 6] }, weights: { i: int64s([0, 4, 1, 2], [2, 2]) } }),
  sequence(['c = MatMul(x, v)', 'u = GatherND(c, i) {batch_dims: 1}', 'a = ScatterElements(h, j, u) {axis: 1}'], {
    inputs: { x: [2, 5, 6] },
    weights: {
      v: [6, 8],
      i: int64s([0, 1, 2, 3], [2, 2, 1]),
      j: int64s(
        Array.from({ length: 32 }, (_, k) => (k < 16 ? (k < 8 ? 0 : 2) : k < 24 ? 1 : 4)),
        [2, 2, 8],
      ),
    },
  }),
  sequence(['s = Scatter(h, j, u) {axis: 1}', 'a = Relu(s)'], {
    opset: 9,
    inputs: { x: [2, 5, 6] },
    weights: { j: int64s(Array(16).fill(3), [2, 1, 8]), u: [2, 1, 8] },
  }),
  sequence(['a = ScatterND(h, i, u)'], {
    inputs: { x: [2, 5, 6] },
    weights: { i: int64s([0, 4, 1, 2], [2, 2]), u: [2, 8] },
  }),
  conv(['a = Compress(h, c) {axis: 2}'], { weights: { c: bools([1, 0, 1, 0, 0, 1]) } }),
  dense(['r = Compress(h, c)', 'a = Reshape(r, t)'], {
    inputs: { x: [2, 6] },
    weights: { c: bools(Array(16).fill(1)), t: int64s([2, 8]) },
    ...NONE,
  }),
  // The classes are made beside the neurons.
  dense(
    [
      'p = Greater(h, zero)',
      'i = Cast(p) {to: 7}',
      'o = OneHot(i, n, v) {axis: 1}',
      'a = ReduceMax(o) {axes: [1], keepdims: 0}',
    ],
    {
      weights: { n: int64s([2], []), v: floats([0.5, 2]) },
    },
  ),
  conv(['t, i = TopK(h, k)', 'j = Cast(i) {to: 1}', 'a = Mul(t, j)'], { weights: { k: int64s([3]) } }),
  dense(['a, i = TopK(h, k)'], { weights: { k: int64s([8]) }, ...NONE }),
  ...['ArgMax', 'ArgMin'].flatMap((op): readonly StructureCase[] => [
    conv([`i = ${op}(h) {axis: 3}`, 'a = Cast(i) {to: 1}']),
    sequence([`i = ${op}(h) {axis: 1, keepdims: 0}`, 'a = Cast(i) {to: 1}']),
    dense([`i = ${op}(h) {axis: 1}`, 'j = Cast(i) {to: 1}', 'a = Mul(h, j)'], NONE),
  ]),
];

const along: readonly StructureCase[] = [
  sequence(['a = CumSum(h, at)'], { weights: { at: int64s([1], []) } }),
  dense(['a = CumSum(h, at)'], { weights: { at: int64s([1], []) }, ...NONE }),
  sequence(['a = CumProd(h, at)'], { opset: 26, weights: { at: int64s([1], []) } }),
  sequence(['a = ReverseSequence(h, n) {time_axis: 1, batch_axis: 0}'], {
    inputs: { x: [2, 5, 6] },
    weights: { n: int64s([3, 5]) },
  }),
  sequence(['a = TensorScatter(h, u, n)'], {
    opset: 24,
    inputs: { x: [2, 5, 6] },
    weights: { u: [2, 2, 8], n: int64s([1, 3]) },
  }),
  conv(['a = Trilu(h) {upper: 0}']),
  conv(['d = Det(h)', 'u = Unsqueeze(d, at)', 'a = Mul(h, u)'], { weights: { at: int64s([2, 3]) } }),
  conv(['s = ReduceMax(h) {axes: [0, 1], keepdims: 0}', 'e = EyeLike(s)', 'a = Mul(h, e)'], { mixes: /ReduceMax/ }),
  // Frequencies along the places; as many complex parts as there are neurons.
  sequence(['u = Unsqueeze(h, at)', 'f = DFT(u)', 'g = ReduceSumSquare(f) {axes: [3], keepdims: 0}', 'a = Sqrt(g)'], {
    weights: { at: int64s([3]) },
  }),
  sequence(['u = Unsqueeze(h, at)', 'f = DFT(u, , one)', 'g = ReduceSumSquare(f, at) {keepdims: 0}', 'a = Sqrt(g)'], {
    opset: 20,
    weights: { at: int64s([3]), one: int64s([1], []) },
  }),
  // A window over the places.
  sequence(
    ['n = Shape(x) {start: 1, end: 2}', 'o = Squeeze(n)', 'w = HannWindow(o)', 'u = Unsqueeze(w, at)', 'a = Mul(h, u)'],
    {
      weights: { at: int64s([1]) },
    },
  ),
  ...['BlackmanWindow', 'HammingWindow'].map((op) =>
    sequence([`w = ${op}(n)`, 'u = Unsqueeze(w, at)', 'a = Mul(h, u)'], {
      weights: { n: int64s([5], []), at: int64s([1]) },
    }),
  ),
  sequence(
    [
      'm = MelWeightMatrix(five, n, rate, low, high)',
      'r = ReduceMax(m) {axes: [0], keepdims: 0}',
      'u = Unsqueeze(r, at)',
      'a = Mul(h, u)',
    ],
    {
      weights: {
        five: int64s([5], []),
        n: int64s([32], []),
        rate: int64s([8000], []),
        low: floats([0], []),
        high: floats([4000], []),
        at: int64s([1]),
      },
    },
  ),
  // One class that is likely beyond doubt: what is drawn is not random.
  dense(['s = Mul(h, big)', 'i = Multinomial(s)', 'j = Cast(i) {to: 1}', 'a = Mul(h, j)'], {
    weights: { big: floats([1e6], []) },
    ...NONE,
  }),
];

export const indexingCases: readonly StructureCase[] = [...lookups, ...picks, ...along];
