/** Gradient cases of Softmax and LogSoftmax. */
import type { GradientCase } from './case.js';

export const softmaxCases: readonly GradientCase[] = ['Softmax', 'LogSoftmax'].flatMap(
  (op): readonly GradientCase[] => [
    { inputs: { x: ['batch', 4] }, nodes: [`y = ${op}(x)`] },
    { inputs: { x: ['batch', 3, 4] }, nodes: [`y = ${op}(x) {axis: 1}`], opset: 13 },
    { inputs: { x: ['batch', 3, 2] }, nodes: [`y = ${op}(x) {axis: -2}`], opset: 18 },
  ],
);
