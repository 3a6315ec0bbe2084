/** A recurrent layer (ONNX LSTM, GRU, RNN) taken apart into its directions, and what of it training does not follow. */
import { int } from '../../../ir/attributes.js';
import { isSymbolic } from '../../../ir/dim.js';
import { flagOf, floatOf, intOf, stringOf, stringsOf } from '../../../ir/nodes.js';
import type { GradientContext } from '../rule.js';
import { joined, lengthOf, numbersIn, scalar, squeeze, zerosLike } from '../support.js';
import { type Direction, rowsOf, statesBefore } from './cell.js';

/** What tells the three operators apart. */
export interface Kind {
  readonly gates: number;
  /** How many states pass from step to step. */
  readonly states: number;
  /** The activation functions of one direction, in lower case: the default ones first. */
  readonly activations: readonly (readonly string[])[];
}

/** Operands by their numbers. */
const [B, LENGTHS, FIRST, PEEPHOLES] = [3, 4, 5, 7] as const;

/** Where the axis of directions stands. */
const OF_STATES = 0;
const OF_Y = 1;

/** The directions of the node, with what arrives at each. Throws GRADIENT_MISSING for a layer that has other than plain cells. */
export function directionsOf(context: GradientContext, kind: Kind): readonly Direction[] {
  expectPlain(context);
  const [count, , hidden] = context.shape(context.input(2));
  const width = context.shape(context.input(0))[2];
  if (typeof count !== 'number' || typeof hidden !== 'number' || typeof width !== 'number')
    return context.refuse('its number of directions, inputs or hidden units is not known');
  const which = stringOf(context.node, 'direction', 'forward');
  const functions = functionsOf(context, kind, count);
  const x = rowsOf(context, context.input(0), width);
  const whole = context.output(0) || context.emit(context.node.opType, context.node.inputs, ...context.node.attributes);
  const arriving = context.gradient(0) ?? zerosLike(context, whole);
  return functions.map((activations, at): Direction => {
    const of = (value: string, axis = OF_STATES) => picked(context, value, at, count, axis);
    const reverse = which === 'reverse' || at === 1;
    const first = statesAt(kind, (i) => firstState(context, FIRST + i, of, hidden));
    const y = of(whole, OF_Y);
    return {
      ...{ hidden, activations, reverse, x, y, first },
      w: of(context.input(1)),
      r: of(context.input(2)),
      biases: context.input(B) === '' ? undefined : halves(context, of(context.input(B)), kind.gates * hidden),
      before: statesBefore(context, y, first[0] ?? '', hidden, reverse),
      gradient: of(arriving, OF_Y),
      last: statesAt(kind, (i) => {
        const gradient = context.gradient(1 + i);
        return gradient === undefined ? zerosLike(context, first[i] ?? '') : of(gradient);
      }),
    };
  });
}

const statesAt = ({ states }: Kind, make: (index: number) => string): readonly string[] =>
  Array.from({ length: states }, (_, index) => make(index));

/** One direction of a value, without the axis. */
const picked = (c: GradientContext, value: string, at: number, count: number, axis: number): string =>
  count === 1 ? squeeze(c, value, [axis]) : c.emit('Gather', [value, c.int64s([at], [])], int('axis', axis));

/** Zeros where the layer is not told what to start from. */
function firstState(c: GradientContext, index: number, of: (value: string) => string, hidden: number): string {
  if (c.input(index) !== '') return of(c.input(index));
  const x = c.input(0);
  return c.emit('Expand', [scalar(c, 0, x), joined(c, [lengthOf(c, x, 1), c.int64s([hidden])])]);
}

function halves(c: GradientContext, biases: string, width: number): readonly [string, string] {
  const [first = '', second = ''] = c.emitAll('Split', [biases, c.int64s([width, width])], 2, int('axis', 0));
  return [first, second];
}

/** Refuses what no rule here tells. */
function expectPlain(context: GradientContext): void {
  const { node } = context;
  if (intOf(node, 'layout', 0) !== 0) context.refuse('its batch comes first (layout 1)');
  if (floatOf(node, 'clip', 0) !== 0) context.refuse('its sums are clipped');
  if (flagOf(node, 'input_forget')) context.refuse('its input and forget gates are one');
  if (context.input(PEEPHOLES) !== '') context.refuse('it has peepholes');
  if (!isFull(context)) context.refuse('its sequences may differ in length');
}

/** Whether all sequences have all steps. */
function isFull(context: GradientContext): boolean {
  if (context.input(LENGTHS) === '') return true;
  const [lengths, steps] = [numbersIn(context, context.input(LENGTHS)), context.shape(context.input(0))[0] ?? 0];
  return lengths !== undefined && !isSymbolic(steps) && lengths.every((length) => length === steps);
}

/** The activation functions of each direction; ONNX knows them by name whatever the case. */
function functionsOf(context: GradientContext, kind: Kind, count: number): readonly (readonly string[])[] {
  const [plain = []] = kind.activations;
  const named = stringsOf(context.node, 'activations')?.map((name) => name.toLowerCase());
  return Array.from({ length: count }, (_, at) => {
    const own = named ? named.slice(at * plain.length, (at + 1) * plain.length) : plain;
    const known = kind.activations.some((each) => each.join() === own.join());
    return known ? own : context.refuse(`no rule tells it for the activations ${own.join(', ')}`);
  });
}
