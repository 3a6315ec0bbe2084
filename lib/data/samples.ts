/** Labelled samples in memory, handed out in batches. */
import { usage } from '../errors.js';
import { FLOAT } from '../ir/dtype.js';
import { type NdArray, ndarray } from '../ir/ndarray.js';
import { elementCount } from '../ir/numeric.js';
import { seeded, shuffledIndices } from '../ir/random.js';

/** Some samples together. */
export interface Batch {
  /** float32, [samples, ...sampleShape]. */
  readonly input: NdArray;
  /** The class of each sample, 0 and on. */
  readonly labels: Int32Array;
}

export interface Dataset {
  /** Where it came from, for messages. */
  readonly path: string;
  /** How many samples. */
  readonly size: number;
  /** The shape of one sample, channels first for images: [1, 28, 28]. */
  readonly sampleShape: readonly number[];
  /** One more than the largest label. */
  readonly classes: number;
  /** All samples once, in their order or in that of `order` (indices below `size`); the last batch may be smaller. */
  batches(batchSize: number, order?: ArrayLike<number>): Iterable<Batch>;
}

/** Samples as a file holds them. */
export interface Source {
  readonly path: string;
  readonly sampleShape: readonly number[];
  readonly labels: Int32Array;
  /** Writes one sample's elements into `into` from `at` on. */
  write(sample: number, into: Float32Array, at: number): void;
}

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
  const labels = Int32Array.from(samples, (sample) => source.labels[sample] as number);
  return { input: ndarray(FLOAT, [samples.length, ...source.sampleShape], input), labels };
}

/** A data set of the samples that the options choose. Throws USAGE. */
export function datasetOf(source: Source, options: SampleOptions): Dataset {
  const samples = chosen(source.labels.length, options);
  return {
    path: source.path,
    size: samples.length,
    sampleShape: source.sampleShape,
    classes: source.labels.reduce((most, label) => Math.max(most, label + 1), 0),
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
  labels: Int32Array,
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
  return { path, sampleShape, labels, write };
}

/** Samples that are fed as they are. */
export function floatSource(
  path: string,
  values: Float32Array,
  sampleShape: readonly number[],
  labels: Int32Array,
): Source {
  const length = elementCount(sampleShape);
  const write = (sample: number, into: Float32Array, at: number) =>
    into.set(values.subarray(sample * length, (sample + 1) * length), at);
  return { path, sampleShape, labels, write };
}
