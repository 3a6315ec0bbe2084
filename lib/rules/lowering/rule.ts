/** What a lowering rule is given and what it answers: one operator of onnxruntime's training build in standard operators. */
import type { Node } from '../../ir/model.js';
import type { Emitter } from '../gradient/rule.js';

export interface LoweringContext extends Emitter {
  readonly node: Node;
  /** The name of input `index`, '' where it is left out. */
  input(index: number): string;
  /** Whether something reads output `index`. */
  isUsed(index: number): boolean;
  /** The node of the original graph that makes a value. */
  producer(value: string): Node | undefined;
  /** Says why this node cannot be lowered: throws OP_UNSUPPORTED with the node. */
  refuse(why: string): never;
}

/** Answers the value of each output, in order; undefined for one that nothing reads. */
export type LoweringRule = (context: LoweringContext) => readonly (string | undefined)[];
