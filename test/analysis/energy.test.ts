/** Sums of |w|^p along two axes, against adding up element by element. */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { energyAlong } from '../../lib/analysis/energy.js';
import type { Bytes } from '../../lib/ir/bytes.js';
import { DOUBLE, FLOAT, FLOAT16 } from '../../lib/ir/dtype.js';
import type { Tensor } from '../../lib/ir/model.js';
import { bytesOf, elementCount } from '../../lib/ir/numeric.js';

/** Bytes that come in pieces of as few elements as are allowed, all in the same memory. */
function inPieces(all: Uint8Array): Bytes {
  return {
    length: all.length,
    read: (start, end) => all.subarray(start, end),
    *pieces(align) {
      const memory = new Uint8Array(align);
      for (let at = 0; at < all.length; at += align) {
        memory.set(all.subarray(at, at + align));
        yield memory.subarray(0, Math.min(align, all.length - at));
      }
    },
  };
}

const cases = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).chain((dims) =>
  fc.record({
    dims: fc.constant(dims),
    a: fc.nat(dims.length - 1),
    b: fc.nat(dims.length - 1),
    p: fc.constantFrom(1 as const, 2 as const),
    weighed: fc.boolean(),
    dtype: fc.constantFrom(FLOAT, DOUBLE, FLOAT16),
  }),
);

test('every entry counts once on either side, however the bytes come', () => {
  fc.assert(
    fc.property(cases, ({ dims, a, b, p, weighed, dtype }) => {
      const values = Float64Array.from({ length: elementCount(dims) }, (_, i) => ((i * 7) % 11) - 5);
      const tensor: Tensor = { name: 't', dtype, dims, data: inPieces(bytesOf(values, dtype, 't')) };
      const weigh = weighed ? Float64Array.from({ length: dims[a] as number }, (_, i) => i + 1) : undefined;
      const [first, second] = [new Float64Array(dims[a] as number), new Float64Array(dims[b] as number)];
      values.forEach((value, i) => {
        const at = (axis: number) => Math.floor(i / elementCount(dims.slice(axis + 1))) % (dims[axis] as number);
        const sum = Math.abs(value) ** p * (weigh?.[at(a)] ?? 1);
        first[at(a)] = (first[at(a)] as number) + sum;
        second[at(b)] = (second[at(b)] as number) + sum;
      });
      const energy = energyAlong(tensor, a, b, p, weigh);
      expect([[...energy.first], [...energy.second], energy.finite]).toEqual([[...first], [...second], true]);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('what is not finite is told', () => {
  const tensor = (value: number): Tensor => ({
    name: 't',
    dtype: FLOAT,
    dims: [2],
    data: inPieces(bytesOf(Float32Array.of(1, value), FLOAT, 't')),
  });
  expect(energyAlong(tensor(2), 0, 0, 2).finite).toBe(true);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect(energyAlong(tensor(value), 0, 0, 1).finite).toBe(false);
});
