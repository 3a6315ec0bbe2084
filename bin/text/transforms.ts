/** What fuse, concat and prune tell people. */
import type { ConcatReport } from '../../lib/commands/concat.js';
import type { Expected } from '../../lib/commands/expected.js';
import type { FuseReport } from '../../lib/commands/fuse.js';
import type { GroupReport } from '../../lib/commands/groups.js';
import type { PruneReport } from '../../lib/commands/prune.js';
import type { Saved } from '../../lib/commands/save.js';
import type { Page } from '../command.js';
import { explainLines } from './explain.js';
import { stagesLines } from './stages.js';
import { bare, table, wrapped } from './table.js';
import { bytes, count, counted, digits, seconds } from './units.js';

/** Groups with their sizes; `parts` heads the columns of kept neurons by member, none for a single one. */
function groupLines(
  groups: readonly GroupReport[],
  parts: readonly string[],
  { width, style }: Page,
): readonly string[] {
  const columns = [{ head: 'group' }, ...['candidates', 'kept', ...parts].map((head) => ({ head, right: true }))];
  const rows = groups.map(({ name, candidates, kept, fromMember }) => [
    bare(name),
    count(candidates),
    count(kept),
    ...(parts.length > 0 ? fromMember.map(count) : []),
  ]);
  return table(columns, rows, width, style.bold);
}

/** The members with the numbers that the tables use. */
const memberLines = (members: readonly string[]): readonly string[] =>
  members.map((path, i) => `${String(i + 1).padStart(String(members.length).length)}  ${bare(path)}`);

/** One table for each step of a fusion. In a fusion of several steps the parts are the results of steps before. */
function stepLines({ steps }: FuseReport, page: Page): readonly string[] {
  return steps.flatMap((groups, i) => {
    const parts = (groups[0]?.fromMember ?? []).map((_, part) => `${steps.length > 1 ? 'part' : 'from'} ${part + 1}`);
    const title = steps.length > 1 ? [page.style.bold(`step ${i + 1} of ${steps.length}`)] : [];
    return [...title, ...groupLines(groups, parts, page), ''];
  });
}

/** Where the model went, or what it would take. */
function endLines(output: Saved | undefined, expected: Expected, time: number, { style }: Page): readonly string[] {
  const size = `${counted(expected.parameters, 'parameter')}, ${bytes(expected.bytes)} of weights`;
  if (!output)
    return [`dry run: nothing was written`, `would make ${size}; needs some ${bytes(expected.memory)} of memory`];
  const checked = output.validated ? 'read again and run in ONNX Runtime' : 'read again, not run (--no-validate)';
  const [, ...beside] = output.files;
  return [
    `${style.bold(`wrote ${bare(output.path)}`)}: ${size}`,
    ...beside.map((path) => `weights in ${bare(path)}`),
    `${bytes(output.bytes)} on disk, ${checked}, ${seconds(time)}`,
  ];
}

/** The text of `fuse`. */
export function fusionText(report: FuseReport, page: Page): string {
  const { members, output, expected, method } = report;
  const title = page.style.bold(`${method} of ${counted(members.length, 'model')}`);
  const steps = stepLines(report, page);
  const stages = stagesLines(report, page);
  const end = endLines(output, expected, report.seconds, page);
  return [title, ...memberLines(members), '', ...steps, ...stages, ...end].join('\n');
}

/** The text of `concat`. */
export function concatText({ members, output, expected, groups, seconds: time }: ConcatReport, page: Page): string {
  const title = page.style.bold(`concatenation of ${counted(members.length, 'model')}`);
  const { width, style } = page;
  const rows = groups.map(({ name, size }) => [bare(name), count(size)]);
  const lines = table([{ head: 'group' }, { head: 'neurons', right: true }], rows, width, style.bold);
  return [title, ...memberLines(members), '', ...lines, '', ...endLines(output, expected, time, page)].join('\n');
}

/** `parameters 3,914 -> 1,674 (43 %)`. */
function changeText(what: string, before: number, after: number): string {
  const share = before > 0 ? ` (${((after / before) * 100).toFixed(0)} %)` : '';
  return `${what} ${count(before)} -> ${count(after)}${share}`;
}

/** The text of `prune`. */
export function pruneText(report: PruneReport, page: Page): string {
  const { model, output, expected, groups, ratio, before, after } = report;
  return [
    page.style.bold(`pruning of ${bare(model)}`),
    '',
    ...(report.explanation ? explainLines(report.explanation, page) : [...groupLines(groups, [], page), '']),
    `ratio ${ratio}: ${changeText('parameters', before.parameters, after.parameters)}, ${changeText('MACs', before.macs, after.macs)}`,
    ...maskLines(report, page),
    ...endLines(output, expected, report.seconds, page),
  ].join('\n');
}

/** Whether the pruned model is what the masked one is. */
function maskLines({ mask }: PruneReport, { width }: Page): readonly string[] {
  if (!mask) return [];
  const [difference, tolerance] = [digits(mask.difference), digits(mask.tolerance)];
  const said =
    mask.inexact.length === 0
      ? `proved by masking: outputs differ by ${difference} at most, within ${tolerance}`
      : `compared with the masked model, not a proof (see the notes): outputs differ by ${difference} at most`;
  return wrapped(said, width, '', '  ');
}
