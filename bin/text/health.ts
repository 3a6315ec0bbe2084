/** What inspect finds wrong with weights, as it tells people. */
import type { Duplicates } from '../../lib/report/duplicates.js';
import type { Extreme, Health } from '../../lib/report/health.js';
import type { Page } from '../command.js';
import { some } from './neurons.js';
import { bare } from './table.js';
import { count, counted } from './units.js';

/** Positions that a line names; `--json` has all. */
const NAMED = 6;

const places = (positions: readonly number[]): string =>
  positions.length <= NAMED ? positions.join(', ') : `${positions.slice(0, NAMED - 1).join(', ')}, ..`;

/** From this share of a tensor on, numbers that are too small are worth a line. */
const MANY = 0.01;

const extremeLines = ({ tensor, huge, denormal, of }: Extreme): readonly string[] => [
  ...(huge > 0 ? [`${bare(tensor)} holds ${count(huge)} above 1e30`] : []),
  ...(denormal > MANY * of ? [`${bare(tensor)}: ${count(denormal)} of ${count(of)} too small for full precision`] : []),
];

/** One line for each group and kind: how many neurons are too many. */
function duplicateLines(all: readonly Duplicates[]): readonly string[] {
  const sorted = new Map<string, Duplicates[]>();
  for (const each of all) {
    const key = `${each.kind} ${each.group}`;
    sorted.set(key, [...(sorted.get(key) ?? []), each]);
  }
  return [...sorted.values()].map((same) => {
    const [{ group, kind, of }] = same as [Duplicates, ...Duplicates[]];
    const extra = same.reduce((sum, { neurons }) => sum + neurons.length - 1, 0);
    const examples = same.map(({ neurons }) => neurons.join(' = ')).slice(0, 2);
    const what = kind === 'equal' ? 'repeating others' : 'repeating others up to a factor';
    const shown = examples.join('; ').length < 60 ? ` (${examples.join('; ')}${same.length > 2 ? '; ..' : ''})` : '';
    return `${bare(group)}: ${count(extra)} of ${counted(of, 'neuron')} ${what}${shown}`;
  });
}

/** What is wrong, or that nothing is; of neurons only where these could be found. */
export function healthLines(health: Health, neuronsKnown: boolean, { style }: Page): readonly string[] {
  const { nonfinite, extreme, variances, dead, unread, duplicates } = health;
  const wrong = [
    ...nonfinite.map(
      ({ tensor, nan, infinite }) => `${bare(tensor)} holds ${count(nan)} NaN and ${count(infinite)} infinite`,
    ),
    ...variances.map(
      ({ tensor, positions, of }) =>
        `${bare(tensor)}: ${count(positions.length)} of ${counted(of, 'variance')} negative (${places(positions)})`,
    ),
    ...dead.map(({ weight, positions, of, output }) =>
      output
        ? `${bare(weight)}: ${count(positions.length)} of ${counted(of, 'output')} do not depend on the input here (${places(positions)})`
        : `${bare(weight)}: ${count(positions.length)} of ${counted(of, 'neuron')} dead, all weights zero (${places(positions)})`,
    ),
  ];
  const idle = [
    ...unread.map(
      ({ group, neurons, of }) =>
        `${bare(group)}: ${count(neurons.length)} of ${counted(of, 'neuron')} unread, all weights behind zero (${places(neurons)})`,
    ),
    ...duplicateLines(duplicates),
    ...extreme.flatMap(extremeLines),
  ];
  if (wrong.length + idle.length === 0) {
    const rest = neuronsKnown ? 'no neuron is dead, unread or there twice' : 'nothing is known of neurons';
    return [style.green(`all weights are finite, ${rest}`)];
  }
  return some([...wrong.map(style.red), ...idle]);
}
