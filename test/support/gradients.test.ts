import { expect, test } from '@jest/globals';
import { expectGradients } from './gradients.js';

const print = { inputs: { x: [3] }, nodes: ['y = Tanh(x)'] } as const;
const tanh = (x: Float64Array) => x.map(Math.tanh);

test('a gradient that is right', () => expectGradients(print, ['x'], { exact: (value) => tanh(value('x').data) }));

test('a function with the same values and another slope is told apart', async () => {
  let first: Float64Array | undefined;
  const still = (x: Float64Array) => {
    first ??= tanh(x);
    return tanh(x).map((y, i) => (first?.[i] ?? 0) + 1.001 * (y - (first?.[i] ?? 0)));
  };
  await expect(expectGradients(print, ['x'], { exact: (value) => still(value('x').data) })).rejects.toThrow('close');
});

test('another function is told apart', async () => {
  const exact = (value: (name: string) => { data: Float64Array }) => tanh(value('x').data).map((y) => y + 0.001);
  await expect(expectGradients(print, ['x'], { exact })).rejects.toThrow();
});
