/** What two partners read: names may differ, what stands behind them may not. */
import { sameTensor } from '../analysis/isomorphism.js';
import type { Node } from '../ir/model.js';
import { isSetting } from '../rules/as-inputs.js';
import { COMMUTATIVE } from '../rules/families.js';
import type { Counterparts } from './counterparts.js';
import { opText, type Side } from './side.js';

/** An operand of the first node in the second graph's names, and what the second node reads there; '' for none. */
interface Operand {
  readonly place: number;
  readonly wanted: string;
  readonly found: string;
}

/** Constants that are settings are told with the attributes. */
const isToldElsewhere = (side: Side, node: Node, place: number): boolean =>
  isSetting(node, place) && ((node.inputs[place] ?? '') === '' || side.constants.has(node.inputs[place] as string));

/** Operands of which both sides are known; what is new or was removed is told where it stands. */
function knownOperands(a: Side, b: Side, x: Node, y: Node, values: Counterparts): readonly Operand[] {
  const places = Array.from({ length: Math.max(x.inputs.length, y.inputs.length) }, (_, place) => place);
  return places.flatMap((place) => {
    if (isToldElsewhere(a, x, place) && isToldElsewhere(b, y, place)) return [];
    const [own = '', found = ''] = [x.inputs[place], y.inputs[place]];
    const wanted = own === '' ? '' : values.ofA(own);
    return wanted === undefined || (found !== '' && values.ofB(found) === undefined) ? [] : [{ place, wanted, found }];
  });
}

/** Constants written down twice stand for each other. */
function isSame({ constants }: Side, { wanted, found }: Operand): boolean {
  const [own, other] = [constants.get(wanted), constants.get(found)];
  return wanted === found || (own !== undefined && other !== undefined && sameTensor(own, other));
}

/** Without the operands that only stand in another place. */
function withoutSwaps(operands: readonly Operand[]): readonly Operand[] {
  const spare = operands.map(({ found }) => found);
  const missing = operands.filter(({ wanted }) => {
    const at = spare.indexOf(wanted);
    if (at >= 0) spare.splice(at, 1);
    return at < 0;
  });
  return missing.map((operand, i) => ({ ...operand, found: spare[i] ?? '' }));
}

function sentence({ place, wanted, found }: Operand): string {
  if (found === '') return `input ${place} is left out, it was ${JSON.stringify(wanted)}`;
  const before = wanted === '' ? 'it was left out' : `not from ${JSON.stringify(wanted)}`;
  return `input ${place} comes from ${JSON.stringify(found)}, ${before}`;
}

/** Inputs that are not the counterparts of what the partner reads, in the names of the second graph. */
export function wiringNotes(a: Side, b: Side, x: Node, y: Node, values: Counterparts): readonly string[] {
  const operands = knownOperands(a, b, x, y, values);
  const swaps = x.domain === '' && COMMUTATIVE.has(x.opType);
  const apart = (swaps ? withoutSwaps(operands) : operands).filter((operand) => !isSame(b, operand));
  // Operators that differ have operands of their own: only what both have is compared.
  const told = opText(x) === opText(y) ? apart : apart.filter(({ wanted, found }) => wanted !== '' && found !== '');
  return told.map(sentence);
}
