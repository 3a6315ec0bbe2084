/** Whose neurons a model holds, as inspect tells people. */
import type { GroupProvenance, Provenance } from '../../lib/commands/provenance.js';
import type { Page } from '../command.js';
import { some } from './neurons.js';
import { bare, wrapped } from './table.js';
import { count } from './units.js';

/** The members by their file names; two of one name are told apart by their place. */
function namesOf({ members }: Provenance): readonly string[] {
  const isTwice = (name: string) => members.filter((each) => each === name).length > 1;
  return members.map((name, i) => `${bare(name)}${isTwice(name) ? ` (${i + 1})` : ''}`);
}

const groupLine = ({ name, fromMember }: GroupProvenance, names: readonly string[]): string =>
  `${bare(name)}: ${fromMember.map((from, i) => `${count(from)} from ${names[i]}`).join(', ')}`;

/** One line for each group. */
export function originLines(provenance: Provenance | null): readonly string[] {
  if (!provenance) return [];
  if (!provenance.fits) return ['what the metadata tells does not fit: the model was changed since'];
  const names = namesOf(provenance);
  return some(provenance.groups.map((group) => groupLine(group, names)));
}

/** The neurons of a group in their order, for the group at this place; none where the metadata tells of other groups. */
export function orderLine(
  provenance: Provenance | null,
  at: number,
  { name, size }: { readonly name: string; readonly size: number },
  { width }: Page,
): readonly string[] {
  const group = provenance?.fits ? provenance.groups[at] : undefined;
  if (!provenance || !group || group.name !== name || group.size !== size) return [];
  const names = namesOf(provenance);
  const runs = group.runs.map(([member, first, length], i) => {
    const range = length === 1 ? String(first) : `${first}-${first + length - 1}`;
    const before = group.runs[i - 1]?.[0];
    const name = before === member ? '' : `${names[member]} `;
    return `${before === undefined ? '' : before === member ? ', ' : '; '}${name}${range}`;
  });
  return wrapped(`in order: ${runs.join('')}`, width, '  ', '    ');
}
