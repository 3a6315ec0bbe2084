/**
 * Operators of which a result can be computed before the model runs, where all that goes in is constant. Most can; this
 * names those that cannot or must not, those that compute nothing, and those that ask an input for its type alone.
 */

import { makeNode } from '../ir/edit.js';
import type { Attribute, Node } from '../ir/model.js';
import { subgraphsOf } from '../ir/walk.js';
import { opKey, type Row, rows, type Table, tableOf } from './table.js';

/** Other results at each run, or quantised parts that must stay as they are. */
const NEVER: ReadonlySet<string> = new Set([
  'Bernoulli',
  'ConvInteger',
  'DequantizeLinear',
  'Dropout',
  'DynamicQuantizeLinear',
  'MatMulInteger',
  'Multinomial',
  'QLinearConv',
  'QLinearMatMul',
  'QuantizeLinear',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
]); // a table

/** Elements in another place, shape or type: what they show is the constant itself, and stays one with it. */
const MOVES: ReadonlySet<string> = new Set([
  'Cast',
  'CastLike',
  'Flatten',
  'Gather',
  'Identity',
  'Reshape',
  'Slice',
  'Split',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
]); // a table

/** Those of them that give all elements, in the order of a transposition at most. */
const RESHAPES: ReadonlySet<string> = new Set(['Flatten', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze']); // a table

/** Whether constant inputs make constant outputs that may stand in place of the node. */
export const isComputable = (node: Node): boolean =>
  node.domain === '' && !NEVER.has(node.opType) && subgraphsOf(node).length === 0;

/** Whether a computable node gives only the elements of its first input. */
export const onlyMoves = (node: Node): boolean => MOVES.has(node.opType);

/** Whether a computable node gives all elements of its first input, in another shape or order of axes. */
export const onlyReshapes = (node: Node): boolean => RESHAPES.has(node.opType);

/** The same node without inputs of which it asks no more than the type; undefined where a type is not known. */
export type TypeRule = (node: Node, dtype: (index: number) => number | undefined) => Node | undefined;

/** CastLike (ONNX 15): a Cast to the type of the second input. */
const castLike: TypeRule = (node, dtype) => {
  const to = dtype(1);
  if (to === undefined) return undefined;
  const rest = [...node.attributes].filter(([name]) => name === 'saturate' || name === 'round_mode');
  const attributes = new Map<string, Attribute>([...rest, ['to', { type: 'int', value: to }]]);
  return makeNode('Cast', node.inputs.slice(0, 1), node.outputs, attributes);
};

export const TYPE_RULES: Table<TypeRule> = tableOf<TypeRule>([
  ...rows(['CastLike'], castLike),
] satisfies readonly Row<TypeRule>[]);

/** Whether a node asks some input for no more than its type. */
export const asksType = (node: Node): boolean => TYPE_RULES.has(opKey(node.domain, node.opType));

/**
 * Which input is a bias that may be left out, and is then 0: some exporters compute zeros for layers without a bias, which
 * others simply leave out. Conv (ONNX 1), ConvTranspose (1), Gemm (11).
 */
export const BIAS_SLOTS: Table<number> = tableOf<number>([
  ...rows(['Conv', 'ConvTranspose'], 2),
  ...rows(['Gemm'], 2, 11),
] satisfies readonly Row<number>[]);
