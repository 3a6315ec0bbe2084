/** Both shapes of a Reshape as products of common factors. */
import { expect, test } from '@jest/globals';
import { dimText, type Shape, symbol } from '../../lib/ir/dim.js';
import { factorise } from '../../lib/rules/structure/factors.js';

/** `0.1=2.3 (3x4)`: axes 0 and 1 of the one side are axes 2 and 3 of the other, with the factors 3 and 4. */
const text = (from: Shape, to: Shape): string =>
  factorise(from, to)
    .map((block) => {
      const factors = block.factors?.map((factor) => dimText(factor.length)).join('x');
      return `${block.from.join('.')}=${block.to.join('.')} (${factors ?? 'none'})`;
    })
    .join(', ');

const batch = symbol('batch');

test.each<readonly [string, Shape, Shape, string]>([
  ['nothing', [], [], ''],
  ['one axis', [6], [6], '0=0 (6)'],
  ['Flatten', [batch, 3, 4, 5], [batch, 60], '0=0 (batch), 1.2.3=1 (3x4x5)'],
  ['into heads', [batch, 12], [batch, 3, 4], '0=0 (batch), 1=1.2 (3x4)'],
  ['other heads', [12, 4], [3, 16], '0.1=0.1 (3x4x4)'],
  ['all in one', [2, 3, 4], [24], '0.1.2=0 (2x3x4)'],
  ['batch and channels', [batch, 8, 5], [{ coefficient: 8, symbols: ['batch'] }, 5], '0.1=0 (batchx8), 2=1 (5)'],
  ['axes of 1 between', [2, 1, 3], [2, 3], '0=0 (2), 1.2=1 (3)'],
  ['axes of 1 behind', [6], [2, 3, 1, 1], '0=0.1 (2x3), =2 (), =3 ()'],
  ['axes of 1 in front', [1, 1, 6], [6], '0.1.2=0 (6)'],
  ['no common factor', [batch, 4, 6], [batch, 3, 8], '0=0 (batch), 1.2=1.2 (none)'],
  ['nothing in common but the batch', [batch, 6], [batch, 4], '0=0 (batch), 1=1 (none)'],
  ['an open length', [batch, 6], [symbol('?'), 3], '0.1=0.1 (none)'],
  ['empty axes', [0, 3], [3, 0], '0.1=0.1 (none)'],
])('%s', (_, from, to, expected) => {
  expect(text(from, to)).toBe(expected);
});
