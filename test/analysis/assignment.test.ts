import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Assignment, bestAssignment, greedyAssignment, type Values } from '../../lib/analysis/assignment.js';
import { seeded, shuffledIndices } from '../../lib/ir/random.js';

const sumOf = ({ columns, data }: Values, assignment: Assignment): number =>
  assignment.reduce((sum, column, row) => sum + (column < 0 ? 0 : (data[row * columns + column] as number)), 0);

/** The best sum of all assignments, by trying them. */
function byTrying({ rows, columns, data }: Values, row = 0, taken: ReadonlySet<number> = new Set()): number {
  if (row === rows) return taken.size === Math.min(rows, columns) ? 0 : Number.NEGATIVE_INFINITY;
  const choices = Array.from({ length: columns }, (_, c) => c).filter((c) => !taken.has(c));
  const sums = choices.map(
    (c) => (data[row * columns + c] as number) + byTrying({ rows, columns, data }, row + 1, new Set([...taken, c])),
  );
  const without = rows > columns ? [byTrying({ rows, columns, data }, row + 1, taken)] : [];
  return Math.max(...sums, ...without, Number.NEGATIVE_INFINITY);
}

const values = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) =>
    fc
      .array(fc.integer({ min: -9, max: 9 }), { minLength: rows * columns, maxLength: rows * columns })
      .map((data): Values => ({ rows, columns, data: Float64Array.from(data) })),
  );

const isOneToOne = (assignment: Assignment, { rows, columns }: Values): boolean => {
  const used = [...assignment].filter((column) => column >= 0);
  return used.length === Math.min(rows, columns) && new Set(used).size === used.length;
};

describe('an assignment', () => {
  test('is the best of all', () => {
    fc.assert(
      fc.property(values, (matrix) => {
        const assignment = bestAssignment(matrix);
        expect(isOneToOne(assignment, matrix)).toBe(true);
        expect(sumOf(matrix, assignment)).toBe(byTrying(matrix));
      }),
    );
  });

  test('finds a permutation of 300', () => {
    const order = shuffledIndices(300, seeded(5));
    const random = seeded(6);
    const data = Float32Array.from({ length: 300 * 300 }, () => random());
    order.forEach((column, row) => {
      data[row * 300 + column] = 2;
    });
    for (const assign of [bestAssignment, greedyAssignment]) {
      expect([...assign({ rows: 300, columns: 300, data })]).toEqual([...order]);
    }
  });

  test('a greedy one is one to one', () => {
    fc.assert(fc.property(values, (matrix) => isOneToOne(greedyAssignment(matrix), matrix)));
  });
});
