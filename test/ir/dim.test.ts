import { expect, test } from '@jest/globals';
import {
  add,
  type Dim,
  dimText,
  divide,
  isSymbolic,
  multiply,
  productOf,
  sameDim,
  shapeText,
  symbol,
} from '../../lib/ir/dim.js';

const [n, h] = [symbol('n'), symbol('h')];

test.each<readonly [string, Dim, string]>([
  ['numbers', multiply(3, 4), '12'],
  ['a symbol', multiply(1, n), 'n'],
  ['a coefficient', multiply(n, 4), '4*n'],
  ['sorted symbols', multiply(multiply(n, 2), h), '2*h*n'],
  ['squares', multiply(n, n), 'n*n'],
  ['zero takes all', multiply(n, 0), '0'],
  ['a product of many', productOf([2, n, 3, h]), '6*h*n'],
  ['of none', productOf([]), '1'],
])('product: %s', (_, dim, text) => {
  expect(dimText(dim)).toBe(text);
});

test.each<readonly [string, Dim, Dim, string | undefined]>([
  ['numbers', 3, 4, '7'],
  ['multiples of one symbol', multiply(n, 2), n, '3*n'],
  ['nothing left', n, multiply(n, -1), '0'],
  ['zero', n, 0, 'n'],
  ['a symbol and a number', n, 1, undefined],
  ['two symbols', n, h, undefined],
])('sum: %s', (_, a, b, text) => {
  const made = add(a, b);
  expect(made === undefined ? undefined : dimText(made)).toBe(text);
});

test.each<readonly [string, Dim, Dim, string | undefined]>([
  ['numbers', 12, 4, '3'],
  ['with a rest', 12, 5, undefined],
  ['by zero', 12, 0, undefined],
  ['zero', 0, 4, '0'],
  ['a symbol by itself', n, n, '1'],
  ['its coefficient', multiply(n, 12), 4, '3*n'],
  ['all but the coefficient', multiply(n, 12), n, '12'],
  ['another symbol', multiply(n, 12), h, undefined],
  ['a number by a symbol', 12, n, undefined],
  ['one of two squares', multiply(n, n), n, 'n'],
])('quotient: %s', (_, a, b, text) => {
  const made = divide(a, b);
  expect(made === undefined ? undefined : dimText(made)).toBe(text);
});

test('equal products are the same, whatever the order', () => {
  expect(sameDim(multiply(n, h), multiply(h, n))).toBe(true);
  expect(sameDim(multiply(n, 2), multiply(n, 3))).toBe(false);
  expect(sameDim(symbol('4'), 4)).toBe(true);
  expect(isSymbolic(n)).toBe(true);
  expect(isSymbolic(3)).toBe(false);
});

test('shapes as text', () => {
  expect(shapeText([n, 3, multiply(n, 2)])).toBe('[n, 3, 2*n]');
  expect(shapeText([])).toBe('[]');
  expect(shapeText(undefined)).toBe('[?]');
});
