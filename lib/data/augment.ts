/** Images changed at random while a model is trained on them: cropped out of a border of zeros, and mirrored. */
import { usage } from '../errors.js';
import type { NdArray } from '../ir/ndarray.js';
import type { Random } from '../ir/random.js';

export interface Augmentation {
  /** Pixels of the border; the crop is as large as the image was. 0 for none. */
  readonly crop: number;
  /** Mirror every other image, on average. */
  readonly flip: boolean;
}

/** Changes a batch [samples, channels, height, width] into a new one. Throws USAGE for samples that are no images. */
export function augmented(images: NdArray, { crop, flip }: Augmentation, random: Random): NdArray {
  if (crop === 0 && !flip) return images;
  const [samples = 0, channels = 0, height = 0, width = 0] = images.dims;
  if (images.dims.length !== 4) throw usage('--crop and --flip are for images', 'Leave them out.');
  const from = images.data as Float32Array;
  const into = new Float32Array(from.length);
  const plane = height * width;
  for (let sample = 0; sample < samples; sample++) {
    const [down, right] = [offset(crop, random), offset(crop, random)];
    const mirrored = flip && random() < 0.5;
    for (let row = 0; row < height; row++) {
      const source = row + down;
      if (source < 0 || source >= height) continue;
      for (let column = 0; column < width; column++) {
        const other = (mirrored ? width - 1 - column : column) + right;
        if (other < 0 || other >= width) continue;
        for (let channel = 0; channel < channels; channel++) {
          const start = (sample * channels + channel) * plane;
          into[start + row * width + column] = from[start + source * width + other] as number;
        }
      }
    }
  }
  return { ...images, data: into };
}

const offset = (crop: number, random: Random): number => Math.floor(random() * (2 * crop + 1)) - crop;
