/** How pixels become inputs: value / 255, less a mean, over a standard deviation, channel by channel. */
import { usage } from '../errors.js';

/** One number for all channels, or one for each. */
export interface Normalize {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Pixels in [0, 1]. */
export const UNCHANGED: Normalize = { mean: [0], std: [1] };

const ADVICE = 'Write MEAN,../STD,.., for example --normalize .4914,.4822,.4465/.247,.243,.261.';

/** Reads `MEAN,../STD,..`. Throws USAGE. */
export function parseNormalize(text: string): Normalize {
  const [mean = [], std = [], ...more] = text.split('/').map((part) => part.split(',').map(numberOf));
  const fits = more.length === 0 && mean.length === std.length && [...mean, ...std].every(Number.isFinite);
  if (!fits || !std.every((value) => value > 0))
    throw usage(`--normalize ${JSON.stringify(text)} makes no sense`, ADVICE);
  return { mean, std };
}

/** NaN for what is no number, the empty text too. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** For each channel the inputs that the pixels 0 to 255 become. Throws USAGE where the channels are of another number. */
export function pixelTables({ mean, std }: Normalize, channels: number): readonly Float32Array[] {
  if (mean.length !== 1 && mean.length !== channels) {
    throw usage(`--normalize has ${mean.length} channels, the data has ${channels}`, ADVICE);
  }
  return Array.from({ length: channels }, (_, channel) => {
    const [center = 0, spread = 1] = [mean[channel] ?? mean[0], std[channel] ?? std[0]];
    return Float32Array.from({ length: 256 }, (_, pixel) => (pixel / 255 - center) / spread);
  });
}
