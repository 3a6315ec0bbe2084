/** Labels and targets of a data set as a loss takes them. */
import { inferShapes } from '../analysis/shapes.js';
import { type Batch, sizeOf } from '../data/samples.js';
import { dataMismatch, dtypeUnsupported, quoted } from '../errors.js';
import { isSymbolic, type Shape, shapeText } from '../ir/dim.js';
import { dtypeName, FLOAT, INT32, INT64, REAL_TYPES } from '../ir/dtype.js';
import type { Model } from '../ir/model.js';
import { fromReals, type NdArray, ndarray, toReals } from '../ir/ndarray.js';
import { scoresOf } from '../runtime/scores.js';
import { LOSSES } from '../training/losses.js';
import { fits } from './feeding.js';

/** The name of a loss that came with training artifacts, which do not tell which it is. */
export const ARTIFACTS = 'artifacts';

/** A graph that takes labels. */
export interface Labelled {
  readonly model: Model;
  /** The input that takes them, where there is one. */
  readonly labels: string | undefined;
  /** The output that the loss judges. */
  readonly output: string;
}

/** How a loss sees a data set's answers. */
export interface Answering {
  /** What is fed for a batch, by the input's name. Throws DATA_MISMATCH where its labels or targets do not fit the loss. */
  feeds(batch: Batch): ReadonlyMap<string, NdArray>;
  /** How many samples the output gets right; NaN where that makes no sense. */
  correct(output: NdArray, batch: Batch): number;
}

/** The answers for a graph and the loss in it: one of ours by its name, or one of the user's by that of its file. */
export function answeringOf(graph: Labelled, loss: string): Answering {
  const { labels } = graph;
  if (labels === undefined) return { feeds: () => new Map(), correct: () => Number.NaN };
  const wanted = graph.model.graph.inputs.find(({ name }) => name === labels);
  const rest = wanted?.shape?.slice(1) ?? [];
  const dtype = wanted?.dtype ?? FLOAT;
  if (REAL_TYPES.has(dtype))
    return {
      feeds: (batch) => new Map([[labels, targetFeed(batch, { rest, dtype, loss })]]),
      correct: () => Number.NaN,
    };
  const count = inferShapes(graph.model).get(graph.output)?.shape?.[1];
  const classes = loss !== 'cross-entropy' || count === undefined || isSymbolic(count) ? undefined : count;
  return {
    feeds: (batch) => new Map([[labels, classFeed(batch, { rest, dtype, loss, classes })]]),
    correct: (output, { labels: own }) =>
      own && output.dims.length === 2 ? scoresOf(output, own, quoted(graph.output)).correct : Number.NaN,
  };
}

const sampleText = (shape: readonly number[]): string => `[samples${shape.map((dim) => `, ${dim}`).join('')}]`;
const wantedText = (rest: Shape): string => shapeText([{ coefficient: 1, symbols: ['samples'] }, ...rest]);

/** What an input for labels takes. */
interface Wanted {
  /** Lengths behind the samples. */
  readonly rest: Shape;
  readonly dtype: number;
  readonly loss: string;
}

const OURS: ReadonlySet<string> = new Set(LOSSES);

/** The loss in messages. */
function takerOf(loss: string): string {
  if (OURS.has(loss)) return `--loss ${loss}`;
  return loss === ARTIFACTS ? 'the loss' : `the loss ${quoted(loss)}`;
}

/** Integers [samples, ...rest]. */
function classFeed({ labels, targets }: Batch, wanted: Wanted & { readonly classes: number | undefined }): NdArray {
  const { rest, dtype, loss, classes } = wanted;
  const taker = takerOf(loss);
  const dims = labels ? [labels.length] : (targets?.dims ?? []);
  if (targets && REAL_TYPES.has(targets.dtype))
    throw dataMismatch(
      `${taker} takes classes as labels, the data set has real numbers ${sampleText(dims.slice(1))}`,
      'Choose --loss mse, l1 or bce, or give integers as labels.',
    );
  if (!fits(rest, dims.slice(1)))
    throw dataMismatch(
      `${taker} takes labels ${wantedText(rest)} for this output, the data set has ${sampleText(dims.slice(1))}`,
      'Give labels of that shape, or choose another output with --logits.',
    );
  const values = labels ? BigInt64Array.from(labels, BigInt) : (targets?.data as BigInt64Array);
  // A loss of the user's may know what to do with any number.
  const wrong = OURS.has(loss) && values.find((value) => value < 0n || (classes !== undefined && value >= classes));
  if (typeof wrong === 'bigint')
    throw dataMismatch(`the data set has the label ${wrong}, the output tells ${classes ?? 'some'} classes apart`);
  return fromIntegers(values, dtype, dims, taker);
}

/** int64, or int32 where that is what is taken. Throws DTYPE_UNSUPPORTED. */
function fromIntegers(values: BigInt64Array, dtype: number, dims: readonly number[], taker: string): NdArray {
  if (dtype === INT64) return ndarray(INT64, dims, values);
  if (dtype === INT32) return ndarray(INT32, dims, Int32Array.from(values, Number));
  throw dtypeUnsupported('labels', dtypeName(dtype), `give ${taker} int64 or int32 labels`);
}

/** Real targets [samples, ...rest], also made of integers; an axis of 1 at the end may be there or not. */
function targetFeed(batch: Batch, { rest, dtype, loss }: Wanted): NdArray {
  const { labels, targets } = batch;
  const own = targets?.dims.slice(1) ?? [];
  const shape = [own, [...own, 1], ...(own.at(-1) === 1 ? [own.slice(0, -1)] : [])].find((each) => fits(rest, each));
  if (!shape)
    throw dataMismatch(
      `${takerOf(loss)} takes targets ${OURS.has(loss) ? "of the output's shape, " : ''}${wantedText(rest)}; the data set has ${sampleText(own)}`,
      labels && OURS.has(loss)
        ? 'Choose --loss cross-entropy, or give an .npz with a label of that shape.'
        : 'Give an .npz with a label of that shape.',
    );
  const values = targets ? toReals(targets, 'label') : Float64Array.from(labels ?? []);
  if (loss === 'bce' && values.some((value) => value < 0 || value > 1))
    throw dataMismatch('--loss bce takes targets from 0 to 1, the data set has others', 'Choose --loss mse or l1.');
  return fromReals(values, dtype, [sizeOf(batch), ...shape], 'label');
}
