/** What validate tells people. */
import type { Check, ValidateReport } from '../../lib/commands/validate-report.js';
import type { OutputStatistics } from '../../lib/runtime/statistics.js';
import type { Page } from '../command.js';
import { againstLines } from './against.js';
import { bare, table, wrapped } from './table.js';
import { traceLines } from './trace.js';
import { counted, digits } from './units.js';

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

const HEADS = [
  { head: 'output' },
  { head: 'shape' },
  ...['min', 'max', 'mean', 'std', 'NaN', 'infinite'].map((head) => ({ head, right: true })),
];

const number = (value: number | null): string => (value === null ? '' : digits(value));
const share = (value: number): string => (value === 0 ? '' : `${digits(100 * value)} %`);

function statisticsLines(statistics: readonly OutputStatistics[], sets: number, page: Page): readonly string[] {
  if (statistics.length === 0) return [];
  const broken = statistics.some(({ nan, infinite }) => nan + infinite > 0);
  const rows = statistics.map(({ name, dims, min, max, mean, std, nan, infinite }) => [
    bare(name),
    `[${dims.join(', ')}]`,
    ...[min, max, mean, std].map(number),
    ...(broken ? [share(nan), share(infinite)] : []),
  ]);
  const columns = broken ? HEADS : HEADS.slice(0, -2);
  const over = sets > 1 ? [`over ${counted(sets, 'set')} of inputs`] : [];
  return ['', ...over, ...table(columns, rows, page.width, page.style.bold)];
}

/** The text of `validate`. */
export function validateText(report: ValidateReport, page: Page): string {
  const { model, ok, checks, sets, statistics, comparison, trace } = report;
  const { style } = page;
  const verdict = ok ? style.green('ok') : style.red('not ok');
  return [
    `${style.bold(bare(model))}: ${verdict}`,
    ...checks.flatMap((check) =>
      check.result === 'skipped' && check.name === 'outputs' ? [] : checkLines(check, page),
    ),
    ...statisticsLines(statistics, sets.length, page),
    ...(comparison ? againstLines(comparison, report, page) : []),
    ...(trace ? traceLines(trace, report, page) : []),
  ].join('\n');
}
