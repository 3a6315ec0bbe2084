/** What a checkpoint of onnxruntime-training holds. */
import type { Tensor } from '../../ir/model.js';

/** What an optimizer knows of a group of parameters. */
export interface OptimizerGroup {
  readonly name: string;
  /** Steps done. */
  readonly step: number;
  readonly initialLearningRate: number;
  /** Moments (`momentum0`, `momentum1`) by their names, by the parameter's name. */
  readonly states: ReadonlyMap<string, ReadonlyMap<string, Tensor>>;
}

/** Numbers and texts that users note. */
export interface Properties {
  readonly ints: ReadonlyMap<string, number>;
  readonly floats: ReadonlyMap<string, number>;
  readonly texts: ReadonlyMap<string, string>;
}

/** Parameters and, once trained, the state of the optimizer. */
export interface Checkpoint {
  /** Parameters that are trained. */
  readonly trained: ReadonlyMap<string, Tensor>;
  /** Parameters that are not, running statistics among them. */
  readonly frozen: ReadonlyMap<string, Tensor>;
  readonly groups: readonly OptimizerGroup[];
  readonly properties: Properties;
}

/** Nothing noted. */
export const NO_PROPERTIES: Properties = { ints: new Map(), floats: new Map(), texts: new Map() };

/** The name that onnxruntime-training gives to its only group. */
export const GROUP = 'group0';

/** The four letters behind the file's first offset. */
export const IDENTIFIER = 'ODTC';

/** onnxruntime-training 1.17 to 1.19.2. */
export const VERSION = 2;

/** Field numbers of the flatbuffer's tables. */
export const FIELDS = {
  checkpoint: { version: 0, module: 1, groups: 2, properties: 3 },
  module: { trained: 0, frozen: 1, isNominal: 2, hasExternalData: 3 },
  group: { name: 0, step: 1, initialLearningRate: 2, states: 3 },
  state: { parameter: 0, moments: 1 },
  properties: { ints: 0, floats: 1, texts: 2 },
  property: { name: 0, value: 1 },
  tensor: { name: 0, doc: 1, dims: 2, dtype: 3, data: 4, strings: 5, externalOffset: 6 },
} as const;
