/** From terms to scores. */
import type { Labels } from '../groups.js';
import type { Family, Member } from '../members.js';
import type { Scores, Term } from './measure.js';

/** How often each group's neurons stand on an axis; a group that does not lie there is missing. */
type Times = ReadonlyMap<number, number>;

/** A term, and where the neurons that it scores stand. */
interface Placed {
  readonly term: Term;
  readonly labels: Labels;
  readonly times: Times;
}

function timesOn({ group }: Labels, widths: Member['widths']): Times {
  const counts = new Map<number, number>();
  for (const each of group) if (each >= 0) counts.set(each, (counts.get(each) ?? 0) + 1);
  return new Map([...counts].map(([id, count]) => [id, Math.round(count / (widths[id] as number))]));
}

const placed = (member: Member, term: Term): readonly Placed[] => {
  const labels = member.labels(term.tensor, term.axis);
  return labels ? [{ term, labels, times: timesOn(labels, member.widths) }] : [];
};

/**
 * In how many heads or groups the neurons of each group stand: 1 where they stand once on the axis along which they are counted.
 * Otherwise the fewest times that an axis has them, because queries, keys and values in one matrix are no more heads.
 */
function headsOf({ template }: Family, member: Member, all: readonly Placed[]): readonly number[] {
  return template.groups.map(({ id, reference }) => {
    const labels = member.labels(reference.value, reference.axis);
    const times = labels ? (timesOn(labels, member.widths).get(id) ?? 1) : 1;
    if (times <= 1) return 1;
    return Math.min(times, ...all.flatMap((each) => each.times.get(id) ?? []).filter((other) => other > 1));
  });
}

/**
 * The mean of a member's terms for each neuron. Positions of one neuron add up (the columns behind a Flatten); where it stands
 * in every head or group they are averaged over these, as torch-pruning does. A group without a term gets an empty array.
 */
export function scoresFrom(family: Family, member: Member, terms: readonly Term[]): Scores {
  const all = terms.flatMap((term) => placed(member, term));
  const heads = headsOf(family, member, all);
  const scores = member.widths.map((width) => new Float64Array(width));
  const entries = member.widths.map(() => 0);
  for (const each of all) {
    for (const group of each.times.keys()) entries[group] = (entries[group] as number) + 1;
    addTerm(each, heads, scores);
  }
  return scores.map((each, group) => {
    const count = entries[group] as number;
    return count === 0 ? new Float64Array(0) : each.map((score) => score / count);
  });
}

function addTerm({ term, labels, times }: Placed, heads: readonly number[], scores: readonly Float64Array[]): void {
  const parts = new Map(
    [...times].map(([group, each]) => [group, 1 / Math.max(1, Math.min(heads[group] as number, each))]),
  );
  for (const [position, group] of labels.group.entries()) {
    const part = parts.get(group);
    if (part === undefined) continue;
    const each = scores[group] as Float64Array;
    const neuron = labels.neuron[position] as number;
    each[neuron] = (each[neuron] as number) + (term.sums[position] as number) * part;
  }
}
