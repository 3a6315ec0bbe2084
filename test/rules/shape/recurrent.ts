/** Shape cases of recurrent layers. */
import type { ShapeCase } from './case.js';

const GATES = new Map([
  ['LSTM', 4],
  ['GRU', 3],
  ['RNN', 1],
]);

export const recurrentCases: readonly ShapeCase[] = [...GATES].flatMap(([op, gates]): readonly ShapeCase[] => [
  {
    inputs: { x: [5, 'batch', 6] },
    weights: { w: [1, gates * 8, 6], r: [1, gates * 8, 8] },
    nodes: [`y, h${op === 'LSTM' ? ', c' : ''} = ${op}(x, w, r) {hidden_size: 8}`],
  },
  {
    inputs: { x: ['h', 'batch', 6] },
    weights: { w: [2, gates * 8, 6], r: [2, gates * 8, 8], b: [2, gates * 16] },
    nodes: [`y, h = ${op}(x, w, r, b) {hidden_size: 8, direction: 'bidirectional'}`],
  },
]);
