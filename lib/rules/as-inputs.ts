/** Table: what one opset has as an attribute and another as a constant input. */
import type { Node } from '../ir/model.js';
import { REDUCE } from './families.js';

/** Attributes that became inputs: the operator, and the names of its inputs from the second on. Source: ONNX's changelog. */
export const AS_INPUTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Clip', ['min', 'max']],
  ['Dropout', ['ratio', 'training_mode']],
  ['Pad', ['pads', 'value', 'axes']],
  ['Slice', ['starts', 'ends', 'axes', 'steps']],
  ['Split', ['split']],
  ['Squeeze', ['axes']],
  ['Tile', ['repeats']],
  ['TopK', ['k']],
  ['Unsqueeze', ['axes']],
  ['Upsample', ['scales']],
  ['Reshape', ['shape']],
  ...REDUCE.map((op): [string, readonly string[]] => [op, ['axes']]),
]);

/** Which operands of a node are settings in this sense, and no weights. */
export const isSetting = (node: Node, operand: number): boolean =>
  node.domain === '' && (AS_INPUTS.get(node.opType)?.[operand - 1] ?? '') !== '';
