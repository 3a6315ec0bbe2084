/** A graph that computes a loss and its gradients in standard operators: what all forms of training artifacts are made from. */
import type { Model, Value } from '../../ir/model.js';

/** Loss, gradients and next statistics, with the names of all that goes in and comes out. */
export interface TrainingGraph {
  /** Parameters are inputs, behind those of the user. Outputs: the loss, other outputs, gradients, next statistics. */
  readonly model: Model;
  /** What a user feeds: the model's own inputs, then the labels. */
  readonly inputs: readonly Value[];
  /** The input that takes the labels (class numbers or target values); undefined where none is known as such. */
  readonly labels: string | undefined;
  readonly loss: string;
  /** Further outputs. */
  readonly outputs: readonly Value[];
  /** Parameters to train, in the order of the optimizer. */
  readonly trained: readonly Value[];
  /** Parameters that only go in. */
  readonly frozen: readonly Value[];
  /** The gradient of each trained parameter. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Running statistics: the next value of each. */
  readonly updates: ReadonlyMap<string, string>;
}
