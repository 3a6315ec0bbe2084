/** Operands that are settings or statistics, no parameters to train, even where they are real constants. */
import type { Node } from '../../ir/model.js';
import { type Row, rows, ruleFor, type Table, tableOf } from '../table.js';

/** The numbers of those operands. */
const HELD: Table<readonly number[]> = tableOf<readonly number[]>([
  ...rows(['BatchNormalization'], [3, 4]),
  ...rows(['Clip', 'Resize', 'Upsample', 'Pad', 'Dropout'], [1, 2, 3]),
  ...rows(['Attention'], [3]),
  ...rows(['RotaryEmbedding', 'SoftmaxCrossEntropyLoss', 'NegativeLogLikelihoodLoss'], [1, 2]),
  // A state in the file has a row for each sample of a batch.
  ...rows(['LSTM', 'GRU', 'RNN'], [4, 5, 6]),
  ...rows(['OneHot', 'Range', 'Constant', 'Pow'], [0, 1, 2]),
] satisfies readonly Row<readonly number[]>[]);

/** Whether operand `index` of the node is no parameter. */
export const isHeld = (node: Node, index: number): boolean =>
  ruleFor(HELD, node, Number.MAX_SAFE_INTEGER)?.includes(index) ?? false;
