import { describe, expect, test } from '@jest/globals';
import { checkTraining } from '../../lib/commands/check-training.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { type Blueprint, build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { refusal } from '../support/refused.js';

const folder = temporaryFolder();
let count = 0;
const put = (print: Blueprint): string => folder.put(`${count++}.onnx`, encodeModel(build(print)));

// No one will ever tell Det's backward pass here: it has no place in a network.
const gap = put({
  inputs: { x: ['n', 3, 3] },
  weights: { w: [3, 3], v: [1], u: [1] },
  nodes: ['a = MatMul(x, w)', 'd = Det(a)', 'e = Mul(d, v)', 'unused = Mul(d, u)'],
  outputs: ['e'],
});

describe('a check', () => {
  test('names what has no gradient, and what would be trained', () => {
    const report = checkTraining(gap, { loss: 'mse', freeze: ['v'] });
    expect(report).toMatchObject({
      schema: 'onnx-transplant/train-check@1',
      ok: false,
      missing: [{ operator: 'Det', node: 'Det (makes "d")', why: expect.stringMatching(/no rule/) }],
      frozen: [{ name: 'v', shape: [1], elements: 1 }],
    });
    expect(report.step).toBeUndefined();
  });

  test('passes where nodes without gradient stand in front of what is trained', () => {
    const report = checkTraining(gap, { loss: 'mse', train: ['v', 'u'], momentum: 0.5 });
    expect(report).toMatchObject({ ok: true, missing: [], idle: ['u'] });
    expect(report.trained.map(({ name }) => name)).toEqual(['v', 'u']);
    // v and its momentum, one float32 each.
    expect(report.step).toMatchObject({ modelNodes: 4, stateBytes: 8 });
    expect(report.step?.nodes).toBeGreaterThan(4);
  });

  test('refuses options that mean nothing here', () => {
    const linear = put({ inputs: { x: ['n', 2] }, weights: { w: [2, 3] }, nodes: ['y = MatMul(x, w)'] });
    expect(checkTraining(linear)).toMatchObject({ ok: true, idle: [] });
    expect(() => checkTraining(linear, { train: ['nothing'] })).toThrow(refusal('USAGE', '"nothing"'));
    expect(() => checkTraining(linear, { logits: 'z' })).toThrow(refusal('USAGE', 'z'));
  });
});
