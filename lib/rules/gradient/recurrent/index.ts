/**
 * Gradients of recurrent layers (ONNX LSTM, GRU, RNN 7 and 14). The layer itself runs as it is. Behind it gates are computed again for
 * all steps at once; one Scan goes back through the steps, and the gradients of the weights are products over all of them.
 */
import { int } from '../../../ir/attributes.js';
import { type Row, rows } from '../../table.js';
import type { Emitter, GradientContext, GradientRule } from '../rule.js';
import { add, reduceSum, reshapeLike, unsqueeze, wanted } from '../support.js';
import type { Cell, CellGradients, Direction } from './cell.js';
import { gru } from './gru.js';
import { directionsOf, type Kind } from './layer.js';
import { lstm } from './lstm.js';
import { rnn } from './rnn.js';

/** A direction and what its cell answers. */
type Made = readonly [Direction, CellGradients];

const joinedAt = (e: Emitter, parts: readonly string[]): string =>
  parts.length === 1 ? (parts[0] ?? '') : e.emit('Concat', parts, int('axis', 0));

/** Something of each direction, along a first axis. */
const stacked = (e: Emitter, all: readonly Made[], make: (...made: Made) => string): string =>
  joinedAt(
    e,
    all.map((made) => unsqueeze(e, make(...made), [0])),
  );

/** By weights that multiplied `factor` in sums whose gradients are the rows `gates`. */
const byWeights = (e: Emitter, gates: string, factor: string): string =>
  e.emit('Gemm', [gates, factor], int('transA', 1));

const byInput = (context: GradientContext, all: readonly Made[]): string =>
  reshapeLike(
    context,
    all.map(([{ w }, { gates }]) => context.emit('MatMul', [gates, w])).reduce((a, b) => add(context, a, b)),
    context.input(0),
  );

/** Of the products with w and with r, behind one another. */
function byBiases(e: Emitter, { gates, recurrences }: CellGradients): string {
  const own = reduceSum(e, gates, [0], false);
  const [only, ...others] = recurrences;
  const isSame = others.length === 0 && only?.gates === gates;
  const recurrent = isSame ? [own] : recurrences.map((each) => reduceSum(e, each.gates, [0], false));
  return e.emit('Concat', [own, ...recurrent], int('axis', 0));
}

const byRecurrentWeights = (e: Emitter, { recurrences }: CellGradients): string =>
  joinedAt(
    e,
    recurrences.map(({ gates, factor }) => byWeights(e, gates, factor)),
  );

/** X, W, R, B, sequence_lens, initial_h, initial_c. */
const recurrent =
  (kind: Kind, cell: Cell): GradientRule =>
  (context) => {
    const all = directionsOf(context, kind).map((each): Made => [each, cell(context, each)]);
    const byState = (index: number) => () => stacked(context, all, (_, { first }) => first[index] ?? '');
    return wanted(
      context,
      () => byInput(context, all),
      () => stacked(context, all, ({ x }, { gates }) => byWeights(context, gates, x)),
      () => stacked(context, all, (_, made) => byRecurrentWeights(context, made)),
      () => stacked(context, all, (_, made) => byBiases(context, made)),
      () => undefined,
      byState(0),
      byState(1),
    );
  };

const LSTM: Kind = { gates: 4, states: 2, activations: [['sigmoid', 'tanh', 'tanh']] };
const GRU: Kind = { gates: 3, states: 1, activations: [['sigmoid', 'tanh']] };
const RNN: Kind = { gates: 1, states: 1, activations: [['tanh'], ['relu']] };

export const recurrentGradients: readonly Row<GradientRule>[] = [
  ...rows(['LSTM'], recurrent(LSTM, lstm), 7),
  ...rows(['GRU'], recurrent(GRU, gru), 7),
  ...rows(['RNN'], recurrent(RNN, rnn), 7),
];
