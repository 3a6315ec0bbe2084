/** How good one model is on a data set. */
import type { Batch, Dataset } from '../data/samples.js';
import { cancelled, dataMismatch, quoted, usage } from '../errors.js';
import { isSymbolic, type Shape, shapeText } from '../ir/dim.js';
import { dtypeName, FLOAT } from '../ir/dtype.js';
import type { Value } from '../ir/model.js';
import { type NdArray, ndarray } from '../ir/ndarray.js';
import { elementCount } from '../ir/numeric.js';
import { addScores, NO_SCORES, type Scores, scoresOf } from '../runtime/scores.js';
import { type Session, type SessionOptions, withSession } from '../runtime/session.js';

export interface EvaluateOptions extends Pick<SessionOptions, 'ep' | 'label'> {
  /** Samples at once, 64 unless told; a model of fixed batch has its own way. */
  readonly batch?: number | undefined;
  /** Which input takes the samples, where there are several. */
  readonly input?: string | undefined;
  /** Which output holds the logits, where there are several. */
  readonly output?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch with the number of samples done so far, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Evaluation {
  /** Share of samples whose largest logit is the right class, 0 to 1. */
  readonly accuracy: number;
  /** Mean cross entropy, in nats. */
  readonly loss: number;
  readonly samples: number;
  /** True where the execution provider left operators to the CPU. */
  readonly mixed: boolean;
}

const BATCH = 64;

/** The value that was named, or the only one. */
function choose(values: readonly Value[], name: string | undefined, what: 'input' | 'output'): Value {
  const names = values.map((value) => quoted(value.name)).join(', ');
  const found = name === undefined ? values : values.filter((value) => value.name === name);
  const [value] = found;
  if (!value) throw usage(`the model has no ${what} ${quoted(name ?? '')}`, `It has ${names}.`);
  if (found.length > 1) throw usage(`the model has several ${what}s`, `Choose with --${what}: ${names}.`);
  return value;
}

/** Whether `sample` is what an input of shape [batch, ...rest] takes. */
const fits = (rest: Shape, sample: readonly number[]): boolean =>
  rest.length === sample.length && rest.every((dim, axis) => isSymbolic(dim) || dim === sample[axis]);

/**
 * The shape in which samples are fed: their own, or with a leading channel of 1 more or less. Throws DATA_MISMATCH where
 * the model takes something else.
 */
export function feedShape(input: Value, sample: readonly number[]): readonly number[] {
  const rest = input.shape?.slice(1) ?? [];
  const shapes = [sample, ...(sample[0] === 1 ? [sample.slice(1)] : []), [1, ...sample]];
  const shape = shapes.find((candidate) => fits(rest, candidate));
  if (input.dtype === FLOAT && shape) return shape;
  const wants = `${dtypeName(input.dtype ?? 0)} ${shapeText(input.shape)}`;
  throw dataMismatch(`input ${quoted(input.name)} takes ${wants}, the samples are float32 [${sample.join(', ')}]`);
}

/** A batch as `rows` rows of the input, zeros where it has fewer. */
function feedOf(batch: Batch, rows: number, shape: readonly number[]): NdArray {
  const data = new Float32Array(rows * elementCount(shape));
  data.set(batch.input.data as Float32Array);
  return ndarray(FLOAT, [rows, ...shape], data);
}

async function scoreAll(session: Session, dataset: Dataset, options: EvaluateOptions): Promise<Scores> {
  const input = choose(session.inputs, options.input, 'input');
  const output = choose(session.outputs, options.output, 'output');
  const shape = feedShape(input, dataset.sampleShape);
  const fixed = input.shape?.[0];
  const rows = typeof fixed === 'number' ? fixed : undefined;
  let scores = NO_SCORES;
  for (const batch of dataset.batches(rows ?? options.batch ?? BATCH)) {
    if (options.signal?.aborted) throw cancelled();
    const feed = feedOf(batch, rows ?? batch.labels.length, shape);
    const results = await session.run(new Map([[input.name, feed]]));
    const logits = results.get(output.name) as NdArray;
    scores = addScores(scores, scoresOf(logits, batch.labels, quoted(output.name)));
    options.onProgress?.(scores.samples, dataset.size);
  }
  return scores;
}

/**
 * Runs a model over a data set. Throws EP_UNAVAILABLE, RUNTIME_LOAD, RUNTIME_RUN; DATA_MISMATCH where samples or labels do
 * not fit the model; USAGE where an input or output must be named; CANCELLED once `signal` is aborted.
 */
export function evaluateModel(
  source: string | Uint8Array,
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return withSession(source, options, async (session) => {
    const { samples, correct, loss } = await scoreAll(session, dataset, options);
    return { accuracy: correct / samples, loss: loss / samples, samples, mixed: session.mixed };
  });
}
