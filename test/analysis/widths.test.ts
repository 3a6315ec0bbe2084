/** Shapes at other widths, told without building the graph. */
import { expect, test } from '@jest/globals';
import { findNeurons } from '../../lib/analysis/neurons.js';
import { factsAtWidths } from '../../lib/analysis/widths.js';
import { shapeText } from '../../lib/ir/dim.js';
import { type Blueprint, build } from '../support/build.js';

const print: Blueprint = {
  inputs: { x: ['batch', 2, 3, 3] },
  weights: { w1: [6, 2, 1, 1], w2: [126, 4], w3: [4, 2] },
  nodes: [
    'h = Conv(x, w1)',
    'c = Concat(h, x, h) {axis: 1}',
    'f = Flatten(c)',
    'g = MatMul(f, w2)',
    'y = MatMul(g, w3)',
  ],
};

test('every axis follows its groups, as often as they stand on it; what is fixed stays', () => {
  const facts = factsAtWidths(findNeurons(build(print)))([3, 1]);
  const shapes = ['w1', 'h', 'c', 'f', 'w2', 'g', 'w3', 'y', 'x'].map((name) => shapeText(facts.get(name)?.shape));
  expect(shapes).toEqual([
    '[3, 2, 1, 1]',
    '[batch, 3, 3, 3]',
    '[batch, 8, 3, 3]',
    '[batch, 72]',
    '[72, 1]',
    '[batch, 1]',
    '[1, 2]',
    '[batch, 2]',
    '[batch, 2, 3, 3]',
  ]);
});
