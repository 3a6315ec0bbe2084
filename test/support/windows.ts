/** Convolution and pooling in plain loops and double precision, over any number of spatial axes. */
import type { Doubles } from './gradients.js';

export interface Windows {
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly pads?: readonly number[];
}

/** All positions of a box, row-major. */
export const positions = (dims: readonly number[]): readonly (readonly number[])[] =>
  dims.reduce<readonly (readonly number[])[]>(
    (all, length) => all.flatMap((at) => Array.from({ length }, (_, i) => [...at, i])),
    [[]],
  );

const flat = (at: readonly number[], dims: readonly number[]): number =>
  at.reduce((sum, i, axis) => sum * (dims[axis] as number) + i, 0);

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** For each window in `out`, the places in an image of lengths `dims` that lie under it: [place in the kernel, place in the image]. */
export function placesUnder(windows: Windows, dims: readonly number[], out: readonly number[]) {
  const { kernel, strides, dilations, pads } = windows;
  return positions(out).map((window) =>
    positions(kernel).flatMap((k, tap): readonly (readonly [number, number])[] => {
      const at = k.map(
        (each, i) => (window[i] as number) * (strides?.[i] ?? 1) + each * (dilations?.[i] ?? 1) - (pads?.[i] ?? 0),
      );
      return at.every((each, i) => each >= 0 && each < (dims[i] as number)) ? [[tap, flat(at, dims)]] : [];
    }),
  );
}

export interface ConvOptions extends Windows {
  /** Spatial lengths that come out. */
  readonly out: readonly number[];
  readonly groups?: number;
}

/** x [N, C, ..] * w [M, C / groups, ..] + b [M]. */
export function convolve(x: Doubles, w: Doubles, b: Doubles | undefined, options: ConvOptions): Float64Array {
  const [batch = 0, channels = 0, ...dims] = x.dims;
  const [outs = 0, ins = 0] = w.dims;
  const groups = options.groups ?? 1;
  const under = placesUnder(options, dims, options.out);
  const [image, taps, many] = [product(dims), product(options.kernel), under.length];
  const y = new Float64Array(batch * outs * many);
  for (let n = 0; n < batch; n++)
    for (let m = 0; m < outs; m++) {
      const group = Math.floor(m / (outs / groups));
      under.forEach((places, o) => {
        let sum = b?.data[m] ?? 0;
        for (let i = 0; i < ins; i++)
          for (const [tap, place] of places)
            sum +=
              (x.data[(n * channels + group * ins + i) * image + place] as number) *
              (w.data[(m * ins + i) * taps + tap] as number);
        y[(n * outs + m) * many + o] = sum;
      });
    }
  return y;
}

/** The transpose of that convolution: x [N, C, ..] and w [C, M / groups, ..] make [N, M, ..out]. */
export function convolveTransposed(x: Doubles, w: Doubles, b: Doubles | undefined, options: ConvOptions): Float64Array {
  const [batch = 0, channels = 0, ...dims] = x.dims;
  const groups = options.groups ?? 1;
  const perGroup = w.dims[1] as number;
  const outs = perGroup * groups;
  const under = placesUnder(options, options.out, dims);
  const [image, taps, many] = [product(options.out), product(options.kernel), under.length];
  const y = new Float64Array(batch * outs * image).map((_, i) => b?.data[Math.floor(i / image) % outs] ?? 0);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      under.forEach((places, o) => {
        const value = x.data[(n * channels + c) * many + o] as number;
        for (let m = 0; m < perGroup; m++)
          for (const [tap, place] of places) {
            const at = (n * outs + Math.floor(c / (channels / groups)) * perGroup + m) * image + place;
            y[at] = (y[at] as number) + value * (w.data[(c * perGroup + m) * taps + tap] as number);
          }
      });
  return y;
}

/** What `fold` makes of the numbers under each window of each channel. */
export function pool(
  x: Doubles,
  options: Windows & { readonly out: readonly number[] },
  fold: (values: readonly number[], window: readonly number[]) => number,
): Float64Array {
  const [batch = 0, channels = 0, ...dims] = x.dims;
  const under = placesUnder(options, dims, options.out);
  const windows = positions(options.out);
  const image = product(dims);
  return Float64Array.from(
    Array.from({ length: batch * channels }, (_, row) =>
      under.map((places, o) =>
        fold(
          places.map(([, place]) => x.data[row * image + place] as number),
          windows[o] as readonly number[],
        ),
      ),
    ).flat(),
  );
}
