/** Whether two models can stand for each other: as many inputs and outputs, of the same types and shapes. */
import { membersDiffer, quoted } from '../errors.js';
import { type Shape, shapeText } from '../ir/dim.js';
import { dtypeName } from '../ir/dtype.js';
import type { Model } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import type { Facts } from '../rules/shape/rule.js';
import type { FactsMap } from './shapes.js';

/** A model and what is known of its values. */
export interface Known {
  readonly model: Model;
  readonly facts: FactsMap;
}

/** Names may differ, and so may lengths that only one of them leaves open. Throws MEMBERS_DIFFER. */
export function expectSameInterface(ours: Known, theirs: Known): void {
  const sides = [
    ['input', fedInputs(ours.model.graph), fedInputs(theirs.model.graph)],
    ['output', ours.model.graph.outputs, theirs.model.graph.outputs],
  ] as const;
  const [a, b] = [ours.model.label, theirs.model.label];
  for (const [what, mine, others] of sides) {
    if (mine.length !== others.length) {
      throw membersDiffer(`${a} has ${mine.length} ${what}s, ${b} has ${others.length}`);
    }
    mine.forEach(({ name }, i) => {
      const [x, y] = [ours.facts.get(name), theirs.facts.get(others[i]?.name ?? '')];
      if (x?.dtype === y?.dtype && fits(x?.shape, y?.shape)) return;
      throw membersDiffer(`${what} ${quoted(name)} of ${a} is ${factsText(x)}, of ${b} ${factsText(y)}`);
    });
  }
}

/** Symbolic lengths fit each other and any number. */
const fits = (a: Shape | undefined, b: Shape | undefined): boolean =>
  !a ||
  !b ||
  (a.length === b.length && a.every((dim, i) => typeof dim !== 'number' || typeof b[i] !== 'number' || dim === b[i]));

const factsText = (facts: Facts | undefined): string =>
  `${facts?.dtype === undefined ? 'no tensor' : dtypeName(facts.dtype)} ${shapeText(facts?.shape)}`;
