import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { TransplantError } from '../../lib/errors.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import type { Tensor } from '../../lib/ir/model.js';
import { allBytes, tensorReals } from '../../lib/ir/numeric.js';
import { seeded } from '../../lib/ir/random.js';
import { type Checkpoint, NO_PROPERTIES } from '../../lib/training/checkpoint/checkpoint.js';
import {
  type Field,
  flag,
  float32,
  int32,
  int64s,
  parts,
  table,
  text,
  writeFlat,
} from '../../lib/training/checkpoint/flat-writer.js';
import { parseCheckpoint } from '../../lib/training/checkpoint/read.js';
import { encodeCheckpoint } from '../../lib/training/checkpoint/write.js';
import { codeFrom } from '../support/codes.js';
import { artifactsAt } from '../support/trained.js';

const NETS = ['mlp-adamw', 'conv-sgd', 'acts-sgd', 'moves-adamw'];
const bytesAt = (net: string, file: string) => new Uint8Array(readFileSync(join(artifactsAt(net), file)));

/** Everything in it as plain lists. */
const plain = (checkpoint: Checkpoint): unknown =>
  JSON.parse(
    JSON.stringify(checkpoint, (key, value) => {
      if (value instanceof Map) return [...value];
      return key === 'data' ? [...allBytes(value)] : value;
    }),
  );

test('a checkpoint of onnxruntime-training holds the parameters, the step and the moments', () => {
  const { trained, frozen, groups } = parseCheckpoint(bytesAt('conv-sgd', 'checkpoint-step3'), 'conv');
  expect([...trained.keys()].sort()).toEqual(['b1', 'b2', 'o', 's', 'w1', 'w2']);
  expect([...frozen.keys()]).toEqual(['rm', 'rv']);
  expect(trained.get('w1')?.dims).toEqual([3, 2, 3, 3]);
  expect(groups.map(({ name, step }) => [name, step])).toEqual([['group0', 3]]);
  expect([...(groups[0]?.states.get('w1')?.keys() ?? [])]).toEqual(['momentum0']);
  expect(groups[0]?.initialLearningRate).toBeCloseTo(0.001, 9);
});

test.each(NETS.flatMap((net) => ['checkpoint', 'checkpoint-step3'].map((file) => [net, file] as const)))(
  'what is written of %s/%s is read back equal',
  (net, file) => {
    const read = parseCheckpoint(bytesAt(net, file), file);
    expect(plain(parseCheckpoint(encodeCheckpoint(read), 'ours'))).toEqual(plain(read));
  },
);

const vector = (name: string, ...values: number[]): Tensor => ({
  name,
  dtype: 1,
  dims: [values.length],
  data: memoryBytes(new Uint8Array(Float32Array.from(values).buffer)),
});

test('properties, names of any letters and empty tensors survive', () => {
  const written: Checkpoint = {
    trained: new Map([['ключ', vector('ключ', 1, 2, 3)]]),
    frozen: new Map([['', vector('')]]),
    groups: [{ name: 'g', step: 2 ** 40, initialLearningRate: 0.5, states: new Map([['ключ', new Map()]]) }],
    properties: { ints: new Map([['epoch', -7]]), floats: new Map([['best', 0.25]]), texts: new Map([['note', '']]) },
  };
  expect(plain(parseCheckpoint(encodeCheckpoint(written), 'ours'))).toEqual(plain(written));
  const { trained } = parseCheckpoint(encodeCheckpoint(written), 'ours');
  expect([...tensorReals(trained.get('ключ') as Tensor)]).toEqual([1, 2, 3]);
});

const one = (tensor: Tensor): Checkpoint => ({
  trained: new Map([[tensor.name, tensor]]),
  frozen: new Map(),
  groups: [],
  properties: NO_PROPERTIES,
});

const flatTensor = (name: string) => table(text(name), undefined, int64s([0]), int32(1));
const ofModule = (...fields: readonly (Field | undefined)[]) =>
  writeFlat('ODTC', table(int32(2), { kind: 'part', part: table(...fields) }));

const WRONG: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', new Uint8Array()],
  ['another flatbuffer', writeFlat('ABCD', table())],
  ['another version', writeFlat('ODTC', table(int32(1)))],
  ['the name of a parameter twice', ofModule(parts([flatTensor('w'), flatTensor('w')]))],
  ['a tensor of strings', ofModule(parts([table(text('w'), undefined, int64s([1]), int32(8))]))],
  ['fewer bytes than the shape says', ofModule(parts([table(text('w'), undefined, int64s([9]), int32(1))]))],
  ['a negative length', ofModule(parts([table(text('w'), undefined, int64s([-1]), int32(1))]))],
  ['a size beyond 2^53', ofModule(parts([table(text('w'), undefined, int64s([2 ** 40, 2 ** 40]), int32(1))]))],
  ['a nominal state', ofModule(undefined, undefined, flag(true))],
  ['half of its bytes', encodeCheckpoint(one(vector('w', 1, 2, 3))).subarray(0, 60)],
];

test.each(WRONG)('%s is refused', (_, bytes) => {
  expect(codeFrom(() => parseCheckpoint(bytes, 'wrong'))).toBe('CHECKPOINT_FORMAT');
});

test('one part that many places point to is refused where it would unfold', () => {
  const bytes = ofModule(parts(Array.from({ length: 400 }, () => flatTensor('w'.repeat(500)))));
  const view = new DataView(bytes.buffer);
  // All entries of the vector of parameters point to the first tensor: its name is read again and again.
  const root = view.getUint32(0, true);
  const follow = (at: number) => at + view.getUint32(at, true);
  const field = (at: number, id: number) => at + view.getUint16(at - view.getInt32(at, true) + 4 + 2 * id, true);
  const tensors = follow(field(follow(field(root, 1)), 0));
  const first = follow(tensors + 4);
  for (let i = 0; i < 400; i++) view.setUint32(tensors + 4 + 4 * i, first - (tensors + 4 + 4 * i), true);
  const small = bytes.slice(0, first + 700);
  expect(() => parseCheckpoint(small, 'unfolding')).toThrow('again and again');
});

test('broken bytes end in a checkpoint or in a refusal, nothing else', () => {
  const random = seeded(11);
  const below = (count: number) => Math.floor(random() * count);
  const originals = NETS.map((net) => bytesAt(net, 'checkpoint-step3'));
  const codes = new Set<string>();
  for (let round = 0; round < 4000; round++) {
    const bytes = (originals[below(originals.length)] as Uint8Array).slice();
    for (let i = below(6); i >= 0; i--) bytes[below(bytes.length)] = random() < 0.5 ? below(256) : 255;
    const cut = random() < 0.1 ? bytes.subarray(0, below(bytes.length)) : bytes;
    try {
      encodeCheckpoint(parseCheckpoint(cut, 'mutant'));
      codes.add('ok');
    } catch (error) {
      if (!(error instanceof TransplantError)) throw error;
      codes.add(error.code);
    }
  }
  expect([...codes].sort()).toEqual(['CHECKPOINT_FORMAT', 'ok']);
});

test('numbers of all sizes lie at multiples of their size', () => {
  const bytes = writeFlat(
    'ODTC',
    table(float32(1), { kind: 'scalar', size: 8, put: (_, at) => expect(at % 8).toBe(0) }, text('x')),
  );
  expect(bytes.length).toBeGreaterThan(0);
});
