/** Labelled samples, handed out in batches. */
import { defect, usage } from '../errors.js';
import { FLOAT } from '../ir/dtype.js';
import { constructorOf, type NdArray, ndarray } from '../ir/ndarray.js';
import { elementCount } from '../ir/numeric.js';
import { seeded, shuffledIndices } from '../ir/random.js';

/** Some samples together. */
export interface Batch {
  /** float32, [samples, ...sampleShape]. */
  readonly input: NdArray;
  /** The class of each sample, 0 and on; undefined where they have `targets`. */
  readonly labels?: Int32Array | undefined;
  /** What each sample should become, [samples, ..]: float32, or int64 for classes of parts of a sample. */
  readonly targets?: NdArray | undefined;
}

/** How many samples a batch has. */
export const sizeOf = ({ input }: Batch): number => input.dims[0] ?? 0;

/** What is right for each sample: one class each, or an array [samples, ..] of float32 or int64. */
export type Answers = Int32Array | NdArray;

export interface Dataset {
  /** Where it came from, for messages. */
  readonly path: string;
  /** How many samples. */
  readonly size: number;
  /** The shape of one sample, channels first for images: [1, 28, 28]. */
  readonly sampleShape: readonly number[];
  /** One more than the largest label; 0 where there are targets. */
  readonly classes: number;
  /** The shape of one sample's target, and its type, where there are targets. */
  readonly target?: { readonly dtype: number; readonly shape: readonly number[] } | undefined;
  /** The same samples with so many channels, where they are images whose files can be read either way. Throws USAGE. */
  inChannels?(channels: 1 | 3): Dataset;
  /** All samples once, in their order or in that of `order` (indices below `size`); the last batch may be smaller. */
  batches(batchSize: number, order?: ArrayLike<number>): Iterable<Batch>;
}

/** Samples as a file holds them. */
export interface Source {
  readonly path: string;
  readonly sampleShape: readonly number[];
  readonly answers: Answers;
  /** Writes one sample's elements into `into` from `at` on. Throws what reading throws, where samples lie in files of their own. */
  write(sample: number, into: Float32Array, at: number): void;
  inChannels?(channels: 1 | 3): Source;
}

/** How many samples there are answers for. */
export const answerCount = (answers: Answers): number =>
  answers instanceof Int32Array ? answers.length : (answers.dims[0] ?? 0);

export interface SampleOptions {
  /** How many to take, after a shuffle; all of them in their own order where left out. */
  readonly samples?: number | undefined;
  /** Seed of that shuffle, 0 unless told. */
  readonly seed?: number | undefined;
}

/** The samples that the options choose. Throws USAGE where there are fewer than asked for. */
function chosen(available: number, { samples, seed }: SampleOptions): Uint32Array {
  if (samples === undefined) return Uint32Array.from({ length: available }, (_, i) => i);
  if (!Number.isInteger(samples) || samples < 1 || samples > available) {
    throw usage(`--samples ${samples}: the data set has ${available}`, 'Choose a number from 1 to that.');
  }
  return shuffledIndices(available, seeded(seed ?? 0)).slice(0, samples);
}

function batchOf(source: Source, samples: Uint32Array): Batch {
  const length = elementCount(source.sampleShape);
  const input = new Float32Array(samples.length * length);
  samples.forEach((sample, i) => {
    source.write(sample, input, i * length);
  });
  const { answers } = source;
  return {
    input: ndarray(FLOAT, [samples.length, ...source.sampleShape], input),
    ...(answers instanceof Int32Array
      ? { labels: Int32Array.from(samples, (sample) => answers[sample] as number) }
      : { targets: rowsOf(answers, samples) }),
  };
}

/** Some rows of an array along its first axis. */
function rowsOf({ dtype, dims, data }: NdArray, rows: Uint32Array): NdArray {
  const shape = dims.slice(1);
  const length = elementCount(shape);
  const make = constructorOf(dtype);
  if (!make) throw defect(`targets of type ${dtype}`);
  const into = new make(rows.length * length);
  const bytes = length * make.BYTES_PER_ELEMENT;
  const [from, to] = [new Uint8Array(data.buffer, data.byteOffset, data.byteLength), new Uint8Array(into.buffer)];
  rows.forEach((row, i) => {
    to.set(from.subarray(row * bytes, (row + 1) * bytes), i * bytes);
  });
  return ndarray(dtype, [rows.length, ...shape], into);
}

/** A data set of the samples that the options choose. Throws USAGE. */
export function datasetOf(source: Source, options: SampleOptions): Dataset {
  const { answers } = source;
  const samples = chosen(answerCount(answers), options);
  return {
    path: source.path,
    size: samples.length,
    sampleShape: source.sampleShape,
    classes: answers instanceof Int32Array ? answers.reduce((most, label) => Math.max(most, label + 1), 0) : 0,
    ...(answers instanceof Int32Array ? {} : { target: { dtype: answers.dtype, shape: answers.dims.slice(1) } }),
    ...(source.inChannels && {
      inChannels: (channels: 1 | 3) => datasetOf(source.inChannels?.(channels) ?? source, options),
    }),
    *batches(batchSize, order) {
      const ordered = order ? Uint32Array.from(order, (place) => samples[place] as number) : samples;
      const step = Math.max(1, Math.floor(batchSize));
      for (let at = 0; at < ordered.length; at += step) yield batchOf(source, ordered.subarray(at, at + step));
    },
  };
}

/** Samples of bytes, [samples, ...sampleShape]; `tables` has what each byte becomes, for each entry of the first axis. */
export function pixelSource(
  path: string,
  pixels: Uint8Array,
  sampleShape: readonly number[],
  answers: Answers,
  tables: readonly Float32Array[],
): Source {
  const length = elementCount(sampleShape);
  const plane = length / tables.length;
  const write = (sample: number, into: Float32Array, at: number) => {
    tables.forEach((table, channel) => {
      const start = sample * length + channel * plane;
      for (let i = 0; i < plane; i++) into[at + channel * plane + i] = table[pixels[start + i] as number] as number;
    });
  };
  return { path, sampleShape, answers, write };
}

/** Samples that are fed as they are. */
export function floatSource(
  path: string,
  values: Float32Array,
  sampleShape: readonly number[],
  answers: Answers,
): Source {
  const length = elementCount(sampleShape);
  const write = (sample: number, into: Float32Array, at: number) =>
    into.set(values.subarray(sample * length, (sample + 1) * length), at);
  return { path, sampleShape, answers, write };
}
