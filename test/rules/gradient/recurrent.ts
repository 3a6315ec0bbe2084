/** Gradient cases of LSTM, GRU and RNN, which ONNX Runtime has in float32 only: in double precision they are loops over numbers. */
import type { Doubles, ExactFunction } from '../../support/gradients.js';
import { int32s, int64s } from '../../support/weights.js';
import type { GradientCase } from './case.js';

const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;
type Op = keyof typeof GATES;

/** The hidden state behind a step and, of an LSTM, the cell's. */
type States = readonly [readonly number[], readonly number[]];

/** One sample in front of a step. */
interface Moment {
  readonly states: States;
  /** Element j of w x + bias in a gate. */
  readonly wx: (gate: number, j: number) => number;
  /** Element j of r h + bias in a gate. */
  readonly rh: (gate: number, j: number, h: readonly number[]) => number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const relu = (x: number): number => Math.max(0, x);

/** As ONNX says them. */
const CELLS = {
  LSTM: ({ states: [h, c], wx, rh }: Moment): States => {
    const sum = (gate: number, j: number) => wx(gate, j) + rh(gate, j, h);
    const cell = c.map((each, j) => sigmoid(sum(2, j)) * each + sigmoid(sum(0, j)) * Math.tanh(sum(3, j)));
    return [cell.map((each, j) => sigmoid(sum(1, j)) * Math.tanh(each)), cell];
  },
  GRU: ({ states: [h, c], wx, rh }: Moment): States => {
    const [z, r] = [0, 1].map((gate) => h.map((_, j) => sigmoid(wx(gate, j) + rh(gate, j, h)))) as [number[], number[]];
    const reset = h.map((each, j) => (r[j] as number) * each);
    const n = h.map((_, j) => Math.tanh(wx(2, j) + rh(2, j, reset)));
    return [h.map((each, j) => (1 - (z[j] as number)) * (n[j] as number) + (z[j] as number) * each), c];
  },
  'GRU behind': ({ states: [h, c], wx, rh }: Moment): States => {
    const [z, r] = [0, 1].map((gate) => h.map((_, j) => sigmoid(wx(gate, j) + rh(gate, j, h)))) as [number[], number[]];
    const n = h.map((_, j) => Math.tanh(wx(2, j) + (r[j] as number) * rh(2, j, h)));
    return [h.map((each, j) => (1 - (z[j] as number)) * (n[j] as number) + (z[j] as number) * each), c];
  },
  RNN: ({ states: [h, c], wx, rh }: Moment): States => [h.map((_, j) => Math.tanh(wx(0, j) + rh(0, j, h))), c],
  'RNN relu': ({ states: [h, c], wx, rh }: Moment): States => [h.map((_, j) => relu(wx(0, j) + rh(0, j, h))), c],
} as const;

const [STEPS, BATCH, INPUTS, HIDDEN] = [4, 2, 2, 3];
const count = (length: number): readonly number[] => [...Array(length).keys()];

/** An element by its indices; 0 of what is left out. */
const elementsOf = (value: Doubles | undefined) => (at: readonly number[]) =>
  value ? (value.data[at.reduce((sum, i, axis) => sum * (value.dims[axis] as number) + i, 0)] as number) : 0;

/** The outputs `seen` (Y, Y_h, Y_c) behind one another. */
const loops =
  (cell: keyof typeof CELLS, gates: number, reverse: readonly boolean[], seen: readonly number[]): ExactFunction =>
  (value) => {
    const [x, w, r, b, h, c] = ['x', 'w', 'r', 'b', 'h', 'c'].map((name) => elementsOf(value(name)));
    if (!x || !w || !r || !b || !h || !c) throw new Error('an operand without elements');
    const y = new Float64Array(STEPS * reverse.length * BATCH * HIDDEN);
    const last: [number[], number[]] = [[], []];
    for (const [d, isReverse] of reverse.entries()) {
      for (const sample of count(BATCH)) {
        const start = (of: (at: readonly number[]) => number) => count(HIDDEN).map((j) => of([d, sample, j]));
        let states: States = [start(h), start(c)];
        for (const t of isReverse ? [...count(STEPS)].reverse() : count(STEPS)) {
          states = CELLS[cell]({
            states,
            wx: (gate, j) =>
              count(INPUTS).reduce((sum, i) => sum + w([d, gate * HIDDEN + j, i]) * x([t, sample, i]), 0) +
              b([d, gate * HIDDEN + j]),
            rh: (gate, j, of) =>
              of.reduce((sum, each, k) => sum + r([d, gate * HIDDEN + j, k]) * each, 0) +
              b([d, (gates + gate) * HIDDEN + j]),
          });
          y.set(states[0], ((t * reverse.length + d) * BATCH + sample) * HIDDEN);
        }
        last[0].push(...states[0]);
        last[1].push(...states[1]);
      }
    }
    return Float64Array.from(seen.flatMap((output) => [...([y, ...last][output] as ArrayLike<number> & number[])]));
  };

interface Wish {
  /** In the node. */
  readonly attributes?: string;
  readonly cell?: keyof typeof CELLS;
  readonly reverse?: readonly boolean[];
  /** `b`, `h`, `c`: operands beside x, w and r. */
  readonly given?: string;
  /** Outputs that the loss sees. */
  readonly seen?: readonly number[];
  readonly rest?: Partial<GradientCase>;
}

/** Steps, samples and inputs of x are open where `open`. */
function layer(op: Op, { attributes = '', cell = op, reverse = [false], given = 'bhc', seen = [0], rest }: Wish = {}) {
  const [d, gates] = [reverse.length, GATES[op]];
  const names = ['b', 'h', 'c'].map((name) => (given.includes(name) ? name : '')) as [string, string, string];
  const operands = ['x', 'w', 'r', names[0], '', names[1], ...(op === 'LSTM' ? [names[2]] : [])];
  const dims: Readonly<Record<string, readonly number[]>> = {
    b: [d, 2 * gates * HIDDEN],
    h: [d, BATCH, HIDDEN],
    c: [d, BATCH, HIDDEN],
  };
  const used = operands.slice(3).filter((name) => name !== '');
  const outputs = count(op === 'LSTM' ? 3 : 2).map((i) => (seen.includes(i) ? `y${i}` : ''));
  const made = outputs.slice(0, Math.max(...seen) + 1).join(', ');
  return {
    inputs: { x: ['steps', 'batch', INPUTS] },
    batch: BATCH,
    sizes: new Map([['steps', STEPS]]),
    weights: {
      w: [d, gates * HIDDEN, INPUTS],
      r: [d, gates * HIDDEN, HIDDEN],
      flat: int64s([-1]),
      ...Object.fromEntries(used.map((name) => [name, dims[name] as readonly number[]])),
    },
    nodes: [
      `${made} = ${op}(${operands.join(', ')}) {hidden_size: ${HIDDEN}${attributes}}`,
      ...seen.map((i) => `f${i} = Reshape(y${i}, flat)`),
      `y = Concat(${seen.map((i) => `f${i}`).join(', ')}) {axis: 0}`,
    ],
    exact: loops(cell, gates, reverse, seen),
    ...rest,
  } satisfies GradientCase;
}

const REVERSE: Wish = { attributes: ", direction: 'reverse'", reverse: [true] };
const BOTH: Wish = { attributes: ", direction: 'bidirectional'", reverse: [false, true] };
const BEHIND: Wish = { attributes: ', linear_before_reset: 1', cell: 'GRU behind' };

const fixed: Partial<GradientCase> = { inputs: { x: [STEPS, BATCH, INPUTS] } };

/** All sequences have all steps. */
function fullLengths(): GradientCase {
  const plain = layer('LSTM', { given: '', rest: fixed });
  const weights = { ...plain.weights, n: int32s([STEPS, STEPS]) };
  return { ...plain, weights, nodes: plain.nodes.map((node) => node.replace('(x, w, r, , , , )', '(x, w, r, , n)')) };
}

export const recurrentCases: readonly GradientCase[] = [
  ...(['LSTM', 'GRU', 'RNN'] as const).flatMap((op) => [
    layer(op),
    layer(op, { given: '', seen: [1], rest: { opset: 14 } }),
    layer(op, { ...REVERSE, seen: [0, 1], rest: fixed }),
    layer(op, { ...BOTH, seen: [0, 1] }),
  ]),
  layer('LSTM', { seen: [2] }),
  layer('LSTM', { ...BOTH, seen: [1, 2], given: 'bc' }),
  fullLengths(),
  layer('GRU', BEHIND),
  layer('GRU', { ...BEHIND, given: 'h', seen: [1] }),
  layer('GRU', { ...BOTH, attributes: `${BOTH.attributes}, linear_before_reset: 1`, cell: 'GRU behind', seen: [0, 1] }),
  layer('RNN', { attributes: ", activations: ['Relu']", cell: 'RNN relu', seen: [0, 1] }),
];
