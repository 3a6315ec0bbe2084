/**
 * What a generated graph is made of. A recipe says which productions follow each other and with which streams; leaving steps
 * out or making widths smaller gives another valid graph, which is how a failing one is shrunk.
 */
import type { Setup } from './draft.js';

/** One production, with the seed of all choices that it makes. */
export interface Step {
  readonly kind: string;
  readonly seed: number;
}

export const INPUTS = ['vector', 'sequence', 'line', 'image', 'volume', 'last', 'tokens'] as const;
export type InputKind = (typeof INPUTS)[number];

export interface InputPrint {
  readonly kind: InputKind;
  readonly seed: number;
}

/** An output: a closing layer behind some open value, and what follows it. */
export interface OutputPrint {
  readonly seed: number;
  readonly tail: readonly Step[];
}

export interface Recipe {
  readonly setup: Setup;
  readonly inputs: readonly InputPrint[];
  readonly steps: readonly Step[];
  readonly outputs: readonly OutputPrint[];
  /** Nodes that no output needs stay. */
  readonly dead: boolean;
}

/** A recipe in a few words. */
export const recipeText = ({ inputs, steps, outputs, setup }: Recipe): string =>
  [
    inputs.map(({ kind }) => kind).join(' + '),
    ...steps.map(({ kind }) => kind),
    `${outputs.map(({ tail }) => ['out', ...tail.map(({ kind }) => kind)].join(', ')).join(' / ')} (opset ${setup.opset})`,
  ].join(' -> ');
