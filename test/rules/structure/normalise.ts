/** Structure cases of normalisations. */
import { int64s, positive } from '../../support/weights.js';
import { conv, dense, type StructureCase, sequence } from './case.js';

const bn = { s: [8], b: [8], m: [8], v: positive([8]) };
const affine = { s: [8], b: [8] };

const normalisations: readonly StructureCase[] = [
  conv(['n = BatchNormalization(h, s, b, m, v)', 'a = Relu(n)'], { weights: bn }),
  dense(['a = BatchNormalization(h, s, b, m, v)'], { weights: bn }),
  // By the statistics of the batch, as an exporter leaves it in a net that is not in its eval mode.
  conv(['n, p, q = BatchNormalization(h, s, b, m, v) {training_mode: 1}', 'a = Relu(n)'], { weights: bn }),
  conv(['a = InstanceNormalization(h, s, b)'], { weights: { s: [8], b: [8] } }),
  sequence(['a = LayerNormalization(h, s, b)'], { weights: { s: [8], b: [8] }, mixes: /LayerNormalization/ }),
  sequence(['a = LayerNormalization(h, s) {axis: 1}'], { weights: { s: [5, 8] }, mixes: /LayerNormalization/ }),
  sequence(['a = RMSNormalization(h, s)'], { opset: 23, weights: { s: [8] }, mixes: /RMSNormalization/ }),
  // Over the places it leaves the neurons alone; over the neurons they compete, and none may go.
  ...['Softmax', 'LogSoftmax', 'Hardmax'].flatMap((op): readonly StructureCase[] => [
    sequence([`a = ${op}(h) {axis: 1}`]),
    sequence([`a = ${op}(h)`], { groups: [], pruneRefused: 'NO_NEURONS', approximate: /not linear/ }),
    // Before opset 13 all axes from the given one on are one.
    sequence([`a = ${op}(h) {axis: 1}`], {
      opset: 12,
      groups: [],
      pruneRefused: 'NO_NEURONS',
      approximate: /not linear/,
    }),
  ]),
];

/** Two groups of 4 channels. Whole groups do not see each other; the channels of one do. */
const groups: readonly StructureCase[] = [
  conv(['a = GroupNormalization(h, s, b) {num_groups: 2}'], {
    opset: 21,
    weights: affine,
    groups: [2],
    after: [4],
    inner: { groups: [4], mixes: /GroupNormalization normalises/ },
  }),
  // One scale a group.
  conv(['a = GroupNormalization(h, s, b) {num_groups: 2}'], {
    opset: 18,
    weights: { s: [2], b: [2] },
    groups: [2],
    after: [4],
    inner: { groups: [4], mixes: /GroupNormalization normalises/ },
  }),
  // Four groups: two whole ones go, and the attribute says so.
  conv(['a = GroupNormalization(h, s, b) {num_groups: 4}'], {
    opset: 21,
    weights: affine,
    groups: [4],
  }),
  // A group a channel, and one group for all.
  conv(['a = GroupNormalization(h, s, b) {num_groups: 8}'], { opset: 21, weights: affine, inner: { groups: [8] } }),
  conv(['a = GroupNormalization(h, s, b) {num_groups: 1}'], {
    opset: 21,
    weights: affine,
    mixes: /GroupNormalization/,
  }),
  // As older exporters write it: the channels of a group lie on an axis that InstanceNormalization takes for space.
  conv(
    [
      'r = Reshape(h, t)',
      'n = InstanceNormalization(r, s, b)',
      'u = Reshape(n, back)',
      'm = Mul(u, g)',
      'a = Add(m, c)',
    ],
    {
      weights: { t: int64s([0, 2, -1]), s: [2], b: [2], back: int64s([0, 8, 6, 6]), g: [8, 1, 1], c: [8, 1, 1] },
      groups: [2],
      after: [4],
      inner: { groups: [4], mixes: /InstanceNormalization normalises/ },
    },
  ),
];

const others: readonly StructureCase[] = [
  sequence(['a = SimplifiedLayerNormalization(h, s)'], { weights: { s: [8] }, mixes: /SimplifiedLayerNormalization/ }),
  conv(['a = LpNormalization(h) {axis: 1}'], { mixes: /LpNormalization/ }),
  conv(['a = LpNormalization(h) {p: 1}']),
  conv(['a = MeanVarianceNormalization(h)']),
  conv(['a = MeanVarianceNormalization(h) {axes: [0, 1, 2, 3]}'], { mixes: /MeanVarianceNormalization/ }),
  conv(['a = LRN(h) {size: 3}'], { mixes: /LRN/ }),
];

export const normalisingCases: readonly StructureCase[] = [...normalisations, ...groups, ...others];
