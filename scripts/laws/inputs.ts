/** What graphs begin with. */
import { symbol } from '../../lib/ir/dim.js';
import { INT64 } from '../../lib/ir/dtype.js';
import { type Axis, fixedLen, type Open } from './axes.js';
import { BATCH, type Draft } from './draft.js';
import { neurons } from './layers.js';
import type { InputKind } from './recipe.js';

/** Axes behind the batch; 0 stands for a few features, 1 for a few tokens, 2 for some pixels. */
const AXES: ReadonlyMap<InputKind, readonly number[]> = new Map([
  ['vector', [0]],
  ['sequence', [1, 0]],
  ['line', [0, 6]],
  ['image', [0, 2, 2]],
  ['volume', [0, 3, 4, 3]],
  ['last', [4, 4, 0]],
  ['tokens', [1]],
]);

const batch: Axis = { role: 'batch', len: fixedLen(BATCH) };
const fixed = (length: number): Axis => ({ role: 'fixed', len: fixedLen(length) });

function declare(d: Draft, lengths: readonly number[], dtype: number): string {
  const name = d.name('x');
  d.inputs.push({ name, dtype, shape: [d.setup.symbolic ? symbol('batch') : BATCH, ...lengths] });
  return name;
}

const lengthOf = (d: Draft, told: number): number =>
  told === 0 ? d.int(2, 5) : told === 1 ? d.int(2, 4) : told === 2 ? d.int(4, 6) : told;

/** Declares an input and answers the value that steps go on from. */
export function openInput(d: Draft, kind: InputKind): Open {
  const lengths = (AXES.get(kind) ?? []).map((each) => lengthOf(d, each));
  if (kind === 'tokens') return embedded(d, declare(d, lengths, INT64), lengths[0] as number);
  const channel = kind === 'sequence' || kind === 'last' ? lengths.length : 1;
  return { name: declare(d, lengths, d.real), axes: [batch, ...lengths.map(fixed)], channel, closed: false };
}

/** Rows of a table, picked by numbers. */
function embedded(d: Draft, ids: string, tokens: number): Open {
  const own = d.chance(0.3);
  const width = own ? neurons(d.width()) : fixed(d.int(2, 5));
  const rows = fixedLen(d.int(2, 5));
  const table = own ? d.weight([rows, width.len], fixedLen(1)) : d.positive([rows, width.len], 'all');
  const name = d.node(`Gather(${table}, ${ids}) {axis: 0}`);
  return { name, axes: [batch, fixed(tokens), width], channel: 2, closed: false };
}
