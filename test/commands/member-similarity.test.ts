import { describe, expect, test } from '@jest/globals';
import { compareMembers } from '../../lib/commands/member-similarity.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import { constantsOf } from '../../lib/ir/constants.js';
import { replaceConstants } from '../../lib/ir/edit.js';
import type { Model, Tensor } from '../../lib/ir/model.js';
import { bytesOf, tensorReals } from '../../lib/ir/numeric.js';
import { seeded, shuffledIndices } from '../../lib/ir/random.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { type Blueprint, build } from '../support/build.js';
import { codeFromAsync } from '../support/codes.js';
import { temporaryFolder } from '../support/folder.js';
import { positive } from '../support/weights.js';

const folder = temporaryFolder();
let files = 0;
const put = (model: Model) => folder.put(`${files++}.onnx`, encodeModel(model));

/** A tensor whose positions on an axis stand in another order, `block` positions moving together. */
function reordered(tensor: Tensor, axis: number, order: ArrayLike<number>, block = 1): Tensor {
  const values = tensorReals(tensor);
  const inner = tensor.dims.slice(axis + 1).reduce((a, b) => a * b, 1) * block;
  const length = order.length;
  const made = values.slice();
  for (let start = 0; start < values.length; start += inner * length) {
    for (let p = 0; p < length; p++) {
      const from = start + (order[p] as number) * inner;
      made.set(values.subarray(from, from + inner), start + p * inner);
    }
  }
  return { ...tensor, data: memoryBytes(bytesOf(made, tensor.dtype, tensor.name)) };
}

/** The model with the neurons of one group shuffled: on these axes of these constants. */
function shuffled(model: Model, size: number, axes: readonly (readonly [string, number, number?])[], seed = 3): Model {
  const order = shuffledIndices(size, seeded(seed));
  const constants = constantsOf(model.graph);
  const made = new Map(constants);
  for (const [name, axis, block] of axes) made.set(name, reordered(made.get(name) as Tensor, axis, order, block));
  return { ...model, graph: replaceConstants(model.graph, made) };
}

/** Convolutions with a normalisation, a residual stream whose first layer comes before the branch, and a Flatten. */
const NETWORK: Blueprint = {
  inputs: { x: ['n', 6, 4, 4] },
  weights: {
    ...{ w1: [12, 6, 3, 3], s: positive([12]), b: [12], m: [12], v: positive([12]) },
    ...{ w2: [16, 12, 3, 3], w3: [12, 16, 1, 1], fc: [12 * 16, 5] },
  },
  nodes: [
    'a = Conv(x, w1) {pads: [1,1,1,1]}',
    'n = BatchNormalization(a, s, b, m, v)',
    'r = Relu(n)',
    'c = Conv(r, w2) {pads: [1,1,1,1]}',
    'h = Relu(c)',
    'd = Conv(h, w3)',
    'e = Add(r, d)',
    'f = Flatten(e)',
    'y = MatMul(f, fc)',
  ],
};

const STREAM = [
  ['w1', 0],
  ['s', 0],
  ['b', 0],
  ['m', 0],
  ['v', 0],
  ['w2', 1],
  ['w3', 0],
  ['fc', 0, 16],
] as const;
const BRANCH = [
  ['w2', 0],
  ['w3', 1],
] as const;

/** Flatten puts 16 pixels of a channel one behind the other: rows of fc move in blocks of 16. */
const shuffledNetwork = (model: Model) =>
  shuffled(
    shuffled(
      model,
      12,
      STREAM.map(([name, axis, block = 1]) => [name, axis, name === 'fc' ? block : 1] as const),
    ),
    16,
    BRANCH,
    4,
  );

const compare = async (...models: readonly Model[]) => (await compareMembers(models.map(put), {})).pairs;

describe('similarity', () => {
  const [one, other] = [build({ ...NETWORK, seed: 1 }), build({ ...NETWORK, seed: 2 })];

  test('of a network with its neurons shuffled is 1', async () => {
    const [pair] = await compare(one, shuffledNetwork(one));
    expect(pair?.overall).toBeCloseTo(1, 5);
    expect(pair?.groups.map(({ name, neurons, exact }) => [name, neurons, exact])).toEqual([
      ['w1', [12, 12], true],
      ['w2', [16, 16], true],
    ]);
    for (const { matched, unmatched } of pair?.groups ?? []) {
      expect(matched).toBeCloseTo(1, 5);
      expect(Math.abs(unmatched)).toBeLessThan(0.3);
    }
    expect(pair?.outputs).toEqual([{ weight: 'fc', positions: 5, cosine: expect.closeTo(1, 5) }]);
    expect(pair?.advice).toMatch(/fusing them brings nothing/);
  });

  test('of independent ones is low, also to one that is shuffled', async () => {
    const [first, second, third] = await compare(one, other, shuffledNetwork(other));
    for (const each of [first, second]) {
      expect(each?.overall).toBeLessThan(0.3);
      expect(each?.advice).toMatch(/neurons of their own/);
    }
    expect(second?.overall).toBeCloseTo(first?.overall ?? 0, 3);
    expect(third).toMatchObject({ first: 1, second: 2, overall: expect.closeTo(1, 5) });
  });

  test('a part of a wider network is found in it', async () => {
    const print = (width: number): Blueprint => ({
      inputs: { x: ['n', 20] },
      weights: { w: [20, width], v: [width, 30], u: [30, 3] },
      nodes: ['a = MatMul(x, w)', 'r = Relu(a)', 'b = MatMul(r, v)', 's = Relu(b)', 'y = MatMul(s, u)'],
    });
    const wide = build(print(9));
    const constants = constantsOf(wide.graph);
    const cut = (name: string, axis: number): Tensor => {
      const tensor = constants.get(name) as Tensor;
      const [rows, columns] = tensor.dims as [number, number];
      const kept = tensorReals(tensor).filter((_, i) => (axis === 0 ? Math.floor(i / columns) < 7 : i % columns < 7));
      const dims = axis === 0 ? [7, columns] : [rows, 7];
      return { ...tensor, dims, data: memoryBytes(bytesOf(kept, tensor.dtype, name)) };
    };
    const narrow = build(print(7));
    const made = new Map([...constants, ['w', cut('w', 1)] as const, ['v', cut('v', 0)] as const]);
    const [pair] = await compare(wide, { ...narrow, graph: replaceConstants(narrow.graph, made) });
    expect(pair?.groups[0]).toMatchObject({ neurons: [9, 7], matched: expect.closeTo(1, 5) });
    // Two of nine inputs of the second layer are missing.
    expect(pair?.groups[1]?.matched).toBeGreaterThan(0.7);
    expect(pair?.groups[1]?.matched).toBeLessThan(0.99);
  });

  test('of layers too wide for all pairs is estimated, and still 1 where neurons are shuffled', async () => {
    const wide = build({
      inputs: { x: ['n', 980] },
      weights: { w: [980, 2100], v: [2100, 2] },
      nodes: ['a = MatMul(x, w)', 'r = Relu(a)', 'y = MatMul(r, v)'],
    });
    const same = shuffled(wide, 2100, [['w', 1] as const, ['v', 0] as const]);
    const [pair] = await compare(wide, same);
    expect(pair?.groups[0]).toMatchObject({ neurons: [2100, 2100], exact: false, matched: expect.closeTo(1, 4) });
    expect(pair?.outputs[0]?.cosine).toBeCloseTo(1, 4);
  });

  test('refuses one model, and another architecture', async () => {
    const file = put(one);
    expect(await codeFromAsync(() => compareMembers([file], {}))).toBe('USAGE');
    const plain = put(build({ inputs: { x: ['n', 3] }, weights: { w: [3, 3] }, nodes: ['y = MatMul(x, w)'] }));
    expect(await codeFromAsync(() => compareMembers([file, plain], {}))).toBe('MEMBERS_DIFFER');
  });
});
