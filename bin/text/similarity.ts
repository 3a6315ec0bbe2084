/** How alike members are, as inspect tells people. */
import type { MemberSimilarity, PairSimilarity } from '../../lib/commands/member-similarity.js';
import type { Page } from '../command.js';
import { bare, table } from './table.js';
import { count } from './units.js';

const COLUMNS = [
  { head: 'group' },
  { head: 'neurons', right: true },
  { head: 'matched', right: true },
  { head: 'any pair', right: true },
  { head: '' },
] as const;

const cosine = (value: number): string => value.toFixed(3);

function pairLines(
  { first, second, groups, outputs, overall }: PairSimilarity,
  members: readonly string[],
  page: Page,
) {
  const { width, style } = page;
  const rows = [
    ...groups.map(({ name, neurons: [a, b], matched, unmatched, exact }) => [
      bare(name),
      a === b ? count(a) : `${count(a)} and ${count(b)}`,
      cosine(matched),
      cosine(unmatched),
      exact ? '' : 'estimated',
    ]),
    ...outputs.map(({ weight, positions, cosine: mean }) => [
      bare(weight),
      count(positions),
      cosine(mean),
      '',
      'outputs',
    ]),
  ];
  const title = `${bare(members[first] ?? '')} and ${bare(members[second] ?? '')}: ${cosine(overall)}`;
  return ['', style.bold(title), ...table(COLUMNS, rows, width, style.bold)];
}

/** What is to be done about every two models. */
export const adviceLines = ({ members, pairs }: MemberSimilarity): readonly string[] =>
  pairs.map(
    ({ first, second, overall, advice }) =>
      `${bare(members[first] ?? '')} and ${bare(members[second] ?? '')}: ${cosine(overall)}, ${advice}`,
  );

/** A table for every two models: mean cosines of the weights of matched neurons, and of any. */
export const similarityLines = ({ members, pairs }: MemberSimilarity, page: Page): readonly string[] =>
  pairs.flatMap((pair) => pairLines(pair, members, page));
