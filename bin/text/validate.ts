/** What validate tells people. */
import type { AgainstReport, Check, ValidateReport } from '../../lib/commands/validate.js';
import type { Page } from '../command.js';
import { bare, table, wrapped } from './table.js';
import { count, counted, digits } from './units.js';

/** What each check looks at. */
const CHECKS: Readonly<Record<Check['name'], string>> = {
  structure: 'graph and names',
  shapes: 'shapes and types',
  runtime: 'run in ONNX Runtime',
  outputs: 'outputs as expected',
};

const WIDTH = 20;

function checkLines({ name, result, why }: Check, { width, style }: Page): readonly string[] {
  const paint = result === 'passed' ? style.green : result === 'failed' ? style.red : style.dim;
  const reason = why === '' ? [] : wrapped(why, width - WIDTH - 11, '', '');
  const [first = '', ...more] = reason;
  const start = `${CHECKS[name].padEnd(WIDTH)} ${paint(result)}`;
  return [
    first === '' ? start : `${start}${' '.repeat(9 - result.length)} ${first}`,
    ...more.map((line) => `${' '.repeat(WIDTH + 11)}${line}`),
  ];
}

function comparisonLines({ members, tolerance, outputs, wouldPass }: AgainstReport, page: Page): readonly string[] {
  const { width, style } = page;
  const expected = members.length === 1 ? bare(members[0] ?? '') : `the mean of ${counted(members.length, 'model')}`;
  const columns = [
    { head: 'output' },
    ...['max abs', 'max rel', 'mismatches', 'of'].map((head) => ({ head, right: true })),
    { head: '' },
  ];
  const rows = outputs.map(({ name, maxAbs, maxRel, mismatches, elements, why }) => [
    bare(name),
    digits(maxAbs),
    digits(maxRel),
    count(mismatches),
    count(elements),
    why,
  ]);
  const passing = Number.isFinite(wouldPass) ? `--atol ${wouldPass} --rtol ${wouldPass}` : 'no tolerance';
  return [
    '',
    `against ${expected}, atol ${digits(tolerance.atol)} and rtol ${digits(tolerance.rtol)}`,
    ...table(columns, rows, width, style.bold),
    `${passing} would pass`,
  ];
}

/** The text of `validate`. */
export function validateText({ model, ok, checks, comparison }: ValidateReport, page: Page): string {
  const { style } = page;
  const verdict = ok ? style.green('ok') : style.red('not ok');
  return [
    `${style.bold(bare(model))}: ${verdict}`,
    ...checks.flatMap((check) =>
      check.result === 'skipped' && check.name === 'outputs' ? [] : checkLines(check, page),
    ),
    ...(comparison ? comparisonLines(comparison, page) : []),
  ].join('\n');
}
