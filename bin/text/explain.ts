/** What `prune --explain` tells people. */
import type { ExplainedGroup, Explanation } from '../../lib/commands/explain.js';
import type { Page } from '../command.js';
import { axisLines, groupTitle, restLines, uncoveredLines } from './neurons.js';
import { bare, wrapped } from './table.js';
import { count, counted, digits } from './units.js';

/** Most competing groups that are named; `--json` has all. */
const NAMED = 4;

/** `scores 0.254 to 1.729, median 1.017; kept from 1.017 up, against b1.weight`. */
function scoreLines({ scores, competed, why, neurons }: ExplainedGroup, { width }: Page): readonly string[] {
  const { min, median, max, threshold } = scores;
  const range =
    neurons === 1 ? `score ${digits(min)}` : `scores ${digits(min)} to ${digits(max)}, median ${digits(median)}`;
  const cut = threshold === null ? `all kept: ${why ?? ''}` : `kept from ${digits(threshold)} up`;
  const names = competed.length > NAMED ? `${competed.length} other groups` : competed.map(bare).join(', ');
  const others = competed.length > 0 ? `, against ${names}` : '';
  return wrapped(`${range}; ${cut}${others}`, width, '  ', '    ');
}

/** Every group with its scores and axes, and what could not be pruned. */
export function explainLines(explanation: Explanation, page: Page): readonly string[] {
  const groups = explanation.groups.flatMap((group) => [
    groupTitle(group.name, `, ${counted(group.neurons, 'neuron')}, ${count(group.kept)} kept`, page),
    ...scoreLines(group, page),
    ...axisLines(group.axes, page),
    '',
  ]);
  const uncovered = uncoveredLines(explanation.uncovered).flatMap((line) => wrapped(line, page.width, '  ', '    '));
  const rest = [
    ...restLines(explanation, page),
    ...(uncovered.length > 0 ? ['', page.style.bold('nodes that no rule covers'), ...uncovered] : []),
  ].slice(1);
  return [...groups, ...(rest.length > 0 ? [...rest, ''] : [])];
}
