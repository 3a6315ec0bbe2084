/**
 * Which node of one graph is which node of another, however they were renamed or exported again: first what has the same weights,
 * then along the edges from there, then by names, and what is left by its place in order.
 */
import { fedInputs } from '../ir/nodes.js';
import { anchor, NAME_KEYS, WEIGHT_KEYS } from './anchors.js';
import { fillGaps } from './gaps.js';
import { Matching, type NodePair } from './matching.js';
import { pairNames } from './pair-names.js';
import type { Side } from './side.js';
import { spread, spreadDown, spreadUp } from './spread.js';

const inputsOf = ({ graph }: Side): readonly string[] => fedInputs(graph).map(({ name }) => name);
const outputsOf = ({ graph }: Side): readonly string[] => graph.outputs.map(({ name }) => name);

/** Spreads from all pairs there are, and from the graphs' inputs and outputs. */
function spreadAll(matching: Matching): void {
  for (const [a, b] of pairNames(inputsOf(matching.a), inputsOf(matching.b))) spreadDown(matching, a, b);
  for (const [a, b] of pairNames(outputsOf(matching.a), outputsOf(matching.b))) spreadUp(matching, a, b);
  spread(matching);
}

/** Pairs of nodes in the order of `a`. Each node is in one pair at most. */
export function alignNodes(a: Side, b: Side): readonly NodePair[] {
  const matching = new Matching(a, b);
  anchor(matching, WEIGHT_KEYS);
  spreadAll(matching);
  anchor(matching, NAME_KEYS);
  spreadAll(matching);
  // A pair gives its neighbours away, which may close the next gap.
  for (let before = -1; matching.size > before; ) {
    before = matching.size;
    fillGaps(matching);
    spreadAll(matching);
  }
  return matching.pairs();
}
