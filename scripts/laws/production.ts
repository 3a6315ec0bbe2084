/** What a row of the tables of productions says. */
import type { Open } from './axes.js';
import type { Draft } from './draft.js';

/** One way to go on from an open value: an operator, or a motif of several. */
export interface Production {
  readonly name: string;
  /** How often it is drawn, 1 unless told. */
  readonly weight?: number;
  /** Passes a mean of members on: may stand behind the layer that leads to an output. */
  readonly affine?: boolean;
  /** All of its operators have float64 kernels in ONNX Runtime. */
  readonly double?: boolean;
  /** Not continuous: only in float64, where rounding cannot turn it over. */
  readonly steps?: boolean;
  /** The opset that brought its operators. */
  readonly since?: number;
  /** Whether it can go on from `value`. */
  fits(value: Open, draft: Draft): boolean;
  /** Appends its nodes; answers what they leave, the value to go on with last. */
  grow(draft: Draft, value: Open): readonly Open[];
}

/** Elements of a value beyond which nothing makes it larger. */
export const ROOM = 600;
