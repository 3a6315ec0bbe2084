/** Which value of one graph is which of the other: what decides whether two partners read the same. */
import { fedInputs } from '../ir/nodes.js';
import type { NodePair } from './matching.js';
import type { Side } from './side.js';
import type { TensorPairs } from './tensors.js';

/** Names of one graph and of another, each with at most one counterpart. */
export class Counterparts {
  private readonly toB = new Map<string, string>();
  private readonly toA = new Map<string, string>();

  /** `outer`: the counterparts around two graphs within nodes, which may read them. */
  constructor(private readonly outer?: Counterparts) {}

  /** Adds a pair unless one of the two has a counterpart; '' stands for no value. */
  add(a: string, b: string): void {
    if (a === '' || b === '' || this.toB.has(a) || this.toA.has(b)) return;
    this.toB.set(a, b);
    this.toA.set(b, a);
  }

  /** The second graph's name for a value of the first. */
  ofA(name: string): string | undefined {
    return this.toB.get(name) ?? this.outer?.ofA(name);
  }

  /** The first graph's name for a value of the second. */
  ofB(name: string): string | undefined {
    return this.toA.get(name) ?? this.outer?.ofB(name);
  }
}

/** How the inputs of two graphs are paired: by name in a model, by place in the body of a Loop. */
export type PairInputs = (a: readonly string[], b: readonly string[]) => readonly (readonly [string, string])[];

/** Inputs as `pairInputs` says, constants as their tensors are paired, all else by the nodes that make it. */
export function counterparts(
  a: Side,
  b: Side,
  nodes: readonly NodePair[],
  tensors: TensorPairs,
  pairInputs: PairInputs,
  outer?: Counterparts,
): Counterparts {
  const found = new Counterparts(outer);
  const inputs = (side: Side) => fedInputs(side.graph).map(({ name }) => name);
  for (const [own, other] of pairInputs(inputs(a), inputs(b))) found.add(own, other);
  for (const [own, other] of tensors) found.add(own, other);
  for (const pair of nodes) {
    a.nodes[pair.a]?.outputs.forEach((name, k) => {
      found.add(name, b.nodes[pair.b]?.outputs[k] ?? '');
    });
  }
  return found;
}
