/** Where members side by side compute the mean exactly, and where they only come near it. */
import { describe, expect, test } from '@jest/globals';
import { findNeurons } from '../../lib/analysis/neurons.js';
import { findRoles } from '../../lib/analysis/roles.js';
import { type Blueprint, build } from '../support/build.js';
import { floats } from '../support/weights.js';

/** h: 8 neurons; m: a mean of 4; u, v, ..: weights; `nodes` go on from there. */
const print = (nodes: readonly string[]): Blueprint => ({
  inputs: { x: ['batch', 6], z: ['batch', 4] },
  outputs: ['m', 'y'],
  weights: {
    w1: [6, 8],
    w2: [8, 4],
    b2: [4],
    u: [4, 4],
    v: [4],
    one: floats([1], [1]),
    t: [12, 3],
    p: [4, 8],
    q: [8, 3],
  },
  nodes: ['k = MatMul(x, w1)', 'h = Relu(k)', 'm = Gemm(h, w2, b2)', ...nodes],
});
const rolesOf = (nodes: readonly string[]) => findRoles(findNeurons(build(print(nodes))));

describe('behind a mean, exact is', () => {
  test.each([
    ['a sum with the inputs', 'y = Add(m, z)'],
    ['a sum of two means', 'y = Add(m, m)'],
    ['a difference', 'y = Sub(z, m)'],
    ['a product with the inputs', 'y = Mul(m, z)'],
    ['a quotient by the inputs', 'y = Div(m, z)'],
    ['a shared factor', 'y = Mul(m, one)'],
    ['another shape', 'y = Transpose(m)'],
    ['another real type', 'y = Cast(m) {to: 11}'],
    ['a mean over classes', 'y = ReduceMean(m) {axes: [1]}'],
    ['its shape', 'y = Shape(m)'],
    ['a sum of many', 'y = Sum(m, z, m)'],
  ])('%s: %s', (_, node) => {
    expect(rolesOf([node]).approximations).toEqual([]);
  });
});

describe('behind a mean, only near is', () => {
  test.each([
    ['a nonlinearity', 'y = Relu(m)', /Relu .* is not linear/],
    ['a softmax', 'y = Softmax(m)', /Softmax .* is not linear/],
    ['its square', 'y = Mul(m, m)', /Mul .* is not linear/],
    ['a quotient by it', 'y = Div(z, m)', /Div .* is not linear/],
    ['a rounding', 'y = Cast(m) {to: 7}', /Cast .* is not linear/],
    ['the larger of two', 'y = Max(m, z)', /Max .* is not linear/],
    ['statistics of the batch', 'y = BatchNormalization(m, v, v, v, v) {training_mode: 1}', /not linear/],
    ['another layer', 'y = MatMul(m, u)', /MatMul .* differs from member to member and works on the members' mean/],
  ])('%s: %s', (_, node, why) => {
    expect(rolesOf([node]).approximations).toEqual([expect.stringMatching(why)]);
  });

  test('new neurons', () => {
    expect(rolesOf(['g = MatMul(m, p)', 'y = MatMul(g, q)']).approximations).toEqual([
      expect.stringMatching(/MatMul \(makes "g"\) differs from member to member/),
    ]);
  });

  test('a gate of neurons by one mean for all of them', () => {
    const nodes = ['g = ReduceMean(m) {axes: [1]}', 's = Mul(h, g)', 'y = MatMul(s, q)'];
    expect(rolesOf(nodes).approximations).toEqual([
      expect.stringMatching(/Mul \(makes "s"\) differs from member to member/),
    ]);
  });
});

describe('neurons beside a mean on one axis', () => {
  test('may be split again', () => {
    expect(
      rolesOf(
        ['c = Concat(m, h) {axis: 1}', 'f, g, e = Split(c, sizes) {axis: 1}'].map((node) =>
          node.replace(', sizes', ''),
        ),
      ).approximations,
    ).toEqual([]);
  });

  test('are not exact behind a nonlinearity, nor for the layer that reads both', () => {
    expect(rolesOf(['c = Concat(m, h) {axis: 1}', 'r = Relu(c)', 'y = MatMul(r, t)']).approximations).toEqual([
      expect.stringMatching(/Relu .* is not linear/),
      expect.stringMatching(/MatMul \(makes "y"\) differs/),
    ]);
    expect(rolesOf(['c = Concat(z, h) {axis: 1}', 'r = Relu(c)', 'y = MatMul(r, t)']).approximations).toEqual([]);
  });
});

describe('constants that are averaged', () => {
  const averaged = (nodes: readonly string[]) => [...rolesOf(nodes).averaged.keys()];

  test('a closing layer and its bias', () => {
    expect(averaged(['y = Identity(m)'])).toEqual(['w2', 'b2']);
  });

  test('what is added to a mean later', () => {
    expect(averaged(['y = Add(m, v)'])).toEqual(['w2', 'b2', 'v']);
    expect(averaged(['y = Sum(z, m, v)'])).toEqual(['w2', 'b2', 'v']);
  });

  test('not what multiplies it, nor what is added to the inputs', () => {
    expect(averaged(['y = Mul(m, v)'])).toEqual(['w2', 'b2']);
    expect(averaged(['s = Add(z, v)', 'y = Add(s, m)'])).toEqual(['w2', 'b2']);
  });
});
