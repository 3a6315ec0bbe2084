/** Scan (ONNX 9): what has to go step by step in a backward pass. */
import { int, ints } from '../../ir/attributes.js';
import type { Emitter } from './rule.js';

/** States as they pass from turn to turn, and what is taken apart or collected along a first axis. */
export interface Turn {
  readonly states: readonly string[];
  readonly parts: readonly string[];
}

/**
 * Takes a turn for each position along the first axis of `parts`, from the last to the first where `backwards`. `turn` adds the nodes
 * of one: given the states so far and the parts at its position it answers the next states, and what is collected at that position.
 * Answers the last states, and all that was collected.
 */
export function scan(e: Emitter, { states, parts }: Turn, backwards: boolean, turn: (given: Turn) => Turn): Turn {
  const count = states.length;
  const inputs = [
    ...states.map((name) => ({ dtype: e.dtype(name), shape: e.shape(name) })),
    ...parts.map((name) => ({ dtype: e.dtype(name), shape: e.shape(name).slice(1) })),
  ];
  const body = e.body(inputs, (names) => {
    const made = turn({ states: names.slice(0, count), parts: names.slice(count) });
    return [...made.states, ...made.parts];
  });
  const collected = body.outputs.length - count;
  const directions = (length: number) => Array<number>(length).fill(backwards ? 1 : 0);
  const outputs = e.emitAll(
    'Scan',
    [...states, ...parts],
    body.outputs.length,
    ['body', { type: 'graph', value: body }],
    int('num_scan_inputs', parts.length),
    ints('scan_input_directions', directions(parts.length)),
    ints('scan_output_directions', directions(collected)),
  );
  return { states: outputs.slice(0, count), parts: outputs.slice(count) };
}
