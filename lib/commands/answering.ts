/** Labels and targets of a data set as a loss takes them. */
import { inferShapes } from '../analysis/shapes.js';
import { type Batch, sizeOf } from '../data/samples.js';
import { dataMismatch, quoted } from '../errors.js';
import { isSymbolic, type Shape, shapeText } from '../ir/dim.js';
import { FLOAT, INT64, REAL_TYPES } from '../ir/dtype.js';
import type { Model } from '../ir/model.js';
import { fromReals, type NdArray, ndarray, toReals } from '../ir/ndarray.js';
import { scoresOf } from '../runtime/scores.js';
import { LOSSES } from '../training/losses.js';
import { fits } from './feeding.js';

/** A graph that takes labels. */
export interface Labelled {
  readonly model: Model;
  /** The input that takes them. */
  readonly labels: string;
  /** The output that the loss judges. */
  readonly output: string;
}

/** How a loss sees a data set's answers. */
export interface Answering {
  /** What is fed for a batch. Throws DATA_MISMATCH where its labels or targets do not fit the loss. */
  feed(batch: Batch): NdArray;
  /** How many samples the output gets right; NaN where that makes no sense. */
  correct(output: NdArray, batch: Batch): number;
}

/** The answers for a graph and the loss in it: one of ours by its name, or that of artifacts. */
export function answeringOf(graph: Labelled, loss: string): Answering {
  const wanted = graph.model.graph.inputs.find(({ name }) => name === graph.labels);
  const rest = wanted?.shape?.slice(1) ?? [];
  const dtype = wanted?.dtype ?? FLOAT;
  if (REAL_TYPES.has(dtype)) {
    return { feed: (batch) => targetFeed(batch, { rest, dtype, loss }), correct: () => Number.NaN };
  }
  const classes = inferShapes(graph.model).get(graph.output)?.shape?.[1];
  return {
    feed: (batch) => classFeed(batch, rest, classes === undefined || isSymbolic(classes) ? undefined : classes),
    correct: (output, { labels }) =>
      labels && output.dims.length === 2 ? scoresOf(output, labels, quoted(graph.output)).correct : Number.NaN,
  };
}

const sampleText = (shape: readonly number[]): string => `[samples${shape.map((dim) => `, ${dim}`).join('')}]`;
const wantedText = (rest: Shape): string => shapeText([{ coefficient: 1, symbols: ['samples'] }, ...rest]);

/** int64 classes [samples, ...rest]. */
function classFeed({ labels, targets }: Batch, rest: Shape, classes: number | undefined): NdArray {
  const dims = labels ? [labels.length] : (targets?.dims ?? []);
  if (targets && REAL_TYPES.has(targets.dtype))
    throw dataMismatch(
      `cross entropy takes classes as labels, the data set has real numbers ${sampleText(dims.slice(1))}`,
      'Choose --loss mse, l1 or bce, or give integers as labels.',
    );
  if (!fits(rest, dims.slice(1)))
    throw dataMismatch(
      `cross entropy takes labels ${wantedText(rest)} for this output, the data set has ${sampleText(dims.slice(1))}`,
      'Give labels of that shape, or choose another output with --logits.',
    );
  const values = labels ? BigInt64Array.from(labels, BigInt) : (targets?.data as BigInt64Array);
  const wrong = values.find((value) => value < 0n || (classes !== undefined && value >= classes));
  if (wrong !== undefined)
    throw dataMismatch(`the data set has the label ${wrong}, the output tells ${classes ?? 'some'} classes apart`);
  return ndarray(INT64, dims, values);
}

interface Target {
  readonly rest: Shape;
  readonly dtype: number;
  readonly loss: string;
}

const OURS: ReadonlySet<string> = new Set(LOSSES);

/** Real targets [samples, ...rest], also made of integers; an axis of 1 at the end may be there or not. */
function targetFeed(batch: Batch, { rest, dtype, loss }: Target): NdArray {
  const { labels, targets } = batch;
  const own = targets?.dims.slice(1) ?? [];
  const shape = [own, [...own, 1], ...(own.at(-1) === 1 ? [own.slice(0, -1)] : [])].find((each) => fits(rest, each));
  if (!shape)
    throw dataMismatch(
      `${OURS.has(loss) ? `--loss ${loss} takes targets of the output's shape` : 'the loss takes targets'}, ` +
        `${wantedText(rest)}; the data set has ${sampleText(own)}`,
      labels && OURS.has(loss)
        ? 'Choose --loss cross-entropy, or give an .npz with a label of that shape.'
        : 'Give an .npz with a label of that shape.',
    );
  const values = targets ? toReals(targets, 'label') : Float64Array.from(labels ?? []);
  if (loss === 'bce' && values.some((value) => value < 0 || value > 1))
    throw dataMismatch('--loss bce takes targets from 0 to 1, the data set has others', 'Choose --loss mse or l1.');
  return fromReals(values, dtype, [sizeOf(batch), ...shape], 'label');
}
