/** Gathered tensors, read whole, in pieces and in any stretch, against gathering element by element. */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Bytes, memoryBytes } from '../../lib/ir/bytes.js';
import { byteLength, DOUBLE, FLOAT, FLOAT16, INT64, UINT8 } from '../../lib/ir/dtype.js';
import type { Tensor } from '../../lib/ir/model.js';
import { bytesOf, elementCount, realsOf } from '../../lib/ir/numeric.js';
import { gatherBytes } from '../../lib/transforms/gather.js';
import type { Part, Plan } from '../../lib/transforms/plan.js';

const bytesOfNumbers = (values: readonly number[], dtype: number): Uint8Array => {
  if (dtype === UINT8) return Uint8Array.from(values);
  if (dtype === INT64) return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return bytesOf(Float64Array.from(values), dtype, 't');
};

const numbersIn = (bytes: Uint8Array, dtype: number): readonly number[] => {
  if (dtype === UINT8) return [...bytes];
  if (dtype === INT64) return [...new BigInt64Array(Uint8Array.from(bytes).buffer)].map(Number);
  return [...realsOf(Uint8Array.from(bytes), dtype, 't')];
};

/** All pieces one behind the other; each is valid only until the next. */
function collected(bytes: Bytes, align: number): Buffer {
  const copies: Uint8Array[] = [];
  for (const piece of bytes.pieces(align)) copies.push(Uint8Array.from(piece));
  return Buffer.concat(copies);
}

/** A source of counted elements: every element is another, and small enough for all types. */
const counted = (dims: readonly number[], dtype: number, from: number): Tensor => {
  const values = Array.from({ length: elementCount(dims) }, (_, i) => (from + i) % 200);
  return { name: 's', dtype, dims, data: memoryBytes(bytesOfNumbers(values, dtype)) };
};

/** What the plan says, element by element. */
function expected({ dims, dtype, parts }: Plan): readonly number[] {
  const out = Array<number>(elementCount(dims)).fill(0);
  const walk = (part: Part, values: readonly number[], axis: number, to: number, from: number): void => {
    if (axis === dims.length) {
      out[to] = (part.scale === 1 ? 0 : (out[to] as number)) + part.scale * (values[from] as number);
      return;
    }
    const moves = part.axes[axis] as Part['axes'][number];
    moves.to.forEach((target, i) =>
      walk(
        part,
        values,
        axis + 1,
        to * (dims[axis] as number) + target,
        from * (part.source.dims[axis] as number) + (moves.from[i] as number),
      ),
    );
  };
  for (const part of parts) {
    const { data } = part.source;
    walk(part, data ? numbersIn(data.read(0, data.length), dtype) : [], 0, 0, 0);
  }
  return out;
}

/** Length of the axes of sources. */
const SOURCE = 14;

/** Output positions of one axis dealt out to the parts, each from any position of its source. */
const axis = (parts: number) =>
  fc
    .record({
      length: fc.integer({ min: 1, max: 12 }),
      seed: fc.array(fc.nat({ max: 999 }), { minLength: 12, maxLength: 12 }),
      run: fc.boolean(),
    })
    .map(({ length, seed, run }) => ({
      length,
      moves: Array.from({ length: parts }, (_, p) => {
        const to = Array.from({ length }, (_, i) => i).filter(
          (i) => (run ? Math.floor((i * parts) / length) : (seed[i] as number) % parts) === p,
        );
        return { to: Int32Array.from(to), from: Int32Array.from(to, (i) => (run ? i : (seed[i] as number) % SOURCE)) };
      }),
    }));

const plans = fc
  .record({
    dtype: fc.constantFrom(FLOAT, DOUBLE, FLOAT16, INT64, UINT8),
    axes: fc.array(axis(2), { maxLength: 3 }),
    scaled: fc.boolean(),
  })
  .map(({ dtype, axes, scaled }): Plan => {
    const real = dtype !== INT64 && dtype !== UINT8;
    const parts = [0, 1].map((p) => ({
      source: counted(
        axes.map(() => SOURCE),
        dtype,
        7 * p,
      ),
      axes: axes.map((each) => each.moves[p] as Part['axes'][number]),
      scale: scaled && real ? 0.5 : 1,
    }));
    return {
      name: 't',
      dtype,
      dims: axes.map((each) => each.length),
      parts: parts.filter((part) => part.axes.every((each) => each.to.length > 0)),
    };
  });

test('is what it says, however it is read', () => {
  fc.assert(
    fc.property(plans, fc.array(fc.nat({ max: 999 }), { minLength: 2, maxLength: 2 }), (plan, [a, b]) => {
      const bytes = gatherBytes(plan);
      const size = byteLength(plan.dtype, 1) as number;
      const whole = bytes.read(0, bytes.length);
      expect(bytes.length).toBe(elementCount(plan.dims) * size);
      expect(numbersIn(whole, plan.dtype)).toEqual(expected(plan));
      expect(collected(bytes, size)).toEqual(Buffer.from(whole));
      const [start, end] = [(a as number) % (bytes.length + 1), (b as number) % (bytes.length + 1)].sort(
        (x, y) => x - y,
      ) as [number, number];
      expect(Buffer.from(bytes.read(start, end))).toEqual(Buffer.from(whole.subarray(start, end)));
    }),
    { seed: 1, numRuns: 80 },
  );
});

test('a tensor of more than one chunk', () => {
  const [rows, columns] = [3000, 1000];
  const source = counted([rows, columns], FLOAT, 0);
  const reversed = Int32Array.from({ length: rows }, (_, i) => rows - 1 - i);
  const all = Int32Array.from({ length: columns }, (_, i) => i);
  const axes = [
    { to: Int32Array.from(reversed.keys()), from: reversed },
    { to: all, from: all },
  ];
  const bytes = gatherBytes({
    name: 't',
    dtype: FLOAT,
    dims: [rows, columns],
    parts: [{ source, axes, scale: 1 }],
  });
  expect([...bytes.pieces(4)].length).toBeGreaterThan(1);
  const values = new Float32Array(Uint8Array.from(collected(bytes, 4)).buffer);
  const original = source.data?.read(0, bytes.length) ?? new Uint8Array(0);
  const before = new Float32Array(Uint8Array.from(original).buffer);
  for (const row of [0, 1, 1499, 2098, 2999]) {
    expect([...values.subarray(row * columns, row * columns + 5)]).toEqual([
      ...before.subarray((rows - 1 - row) * columns, (rows - 1 - row) * columns + 5),
    ]);
  }
});

test('no elements at all', () => {
  const source = counted([4, 0], FLOAT, 0);
  const none = { to: new Int32Array(0), from: new Int32Array(0) };
  const bytes = gatherBytes({
    name: 't',
    dtype: FLOAT,
    dims: [2, 0],
    parts: [{ source, axes: [{ to: Int32Array.of(0, 1), from: Int32Array.of(3, 1) }, none], scale: 1 }],
  });
  expect([bytes.length, [...bytes.pieces(4)].length, bytes.read(0, 0).length]).toEqual([0, 0, 0]);
});
