/** A training's history as a page of its own: plots and numbers, no script, nothing loaded, light or dark as the reader has it. */
import { quoted } from '../errors.js';
import { type Chart, chartSvg, escaped, type Series } from './chart.js';

/** How good a model is at one moment. */
export interface HistoryJudgement {
  readonly loss: number;
  readonly accuracy?: number | undefined;
}

/** One epoch, from 1. */
export interface HistoryEpoch extends HistoryJudgement {
  readonly epoch: number;
  readonly rate: number;
  readonly evaluation?: HistoryJudgement | undefined;
}

/** What the page shows. */
export interface TrainingHistory {
  readonly model: string;
  /** Held-out, before the first step. */
  readonly before?: HistoryJudgement | undefined;
  readonly history: readonly HistoryEpoch[];
  /** The epoch whose parameters were kept. */
  readonly epoch: number;
}

const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2430; --soft: #5b6675; --grid: #e3e7ec; --train: #1d5fbf; --held: #b8480a; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181f; --ink: #e8ecf1; --soft: #a0abb9; --grid: #2b333e; --train: #6ba8ff; --held: #ff9a52; }
}
body { margin: 0 auto; padding: 24px; max-width: 1180px; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 20px; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 0 0 20px; color: var(--soft); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 24px; }
svg { width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .title { font-size: 14px; font-weight: 600; }
svg .tick { fill: var(--soft); }
.grid { stroke: var(--grid); }
.axis { stroke: var(--soft); }
.mark { stroke: var(--soft); stroke-dasharray: 2 4; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.train { stroke: var(--train); fill: var(--train); }
.held { stroke: var(--held); fill: var(--held); }
path.held { stroke-dasharray: 6 3; }
path.line { fill: none; }
.scroll { overflow-x: auto; margin-top: 24px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 14px; text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 500; }
tr.kept td { font-weight: 600; }
tbody tr { border-top: 1px solid var(--grid); }
`;

const fixed = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(4));
const percent = (value: number | undefined): string => (value === undefined ? '' : `${(100 * value).toFixed(2)} %`);

/** The train and held-out lines of one number. */
function seriesOf(
  { before, history }: TrainingHistory,
  read: (judgement: HistoryJudgement) => number | undefined,
): readonly Series[] {
  const points = (of: (each: HistoryEpoch) => HistoryJudgement | undefined) =>
    history.map((each) => {
      const judgement = of(each);
      return { x: each.epoch, y: judgement && read(judgement) };
    });
  const start = before ? [{ x: 0, y: read(before) }] : [];
  const series = [
    { name: 'train', style: 'train', points: points((each) => each) },
    { name: 'held-out', style: 'held', points: [...start, ...points(({ evaluation }) => evaluation)] },
  ];
  return series.filter((each) => each.points.some(({ y }) => y !== undefined));
}

function charts(history: TrainingHistory): readonly Chart[] {
  const last = history.history.at(-1)?.epoch ?? 0;
  const mark = { x: history.epoch, text: `kept: epoch ${history.epoch}` };
  const common = { xTitle: 'epoch', last, mark };
  return [
    {
      ...common,
      title: 'Loss',
      series: seriesOf(history, ({ loss }) => loss),
      text: (value) => String(Number(value.toPrecision(4))),
    },
    {
      ...common,
      title: 'Accuracy',
      series: seriesOf(history, ({ accuracy }) => accuracy),
      text: (value) => `${Number((100 * value).toFixed(2))} %`,
    },
  ];
}

const row = (cells: readonly string[], kept: boolean): string =>
  `<tr${kept ? ' class="kept"' : ''}>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;

function tableOf({ before, history, epoch }: TrainingHistory): string {
  const heads = ['epoch', 'rate', 'loss', 'accuracy', 'held-out loss', 'held-out accuracy'];
  const start = before ? [row(['0', '', '', '', fixed(before.loss), percent(before.accuracy)], false)] : [];
  const rows = history.map((each) => {
    const { evaluation } = each;
    const judged = [fixed(evaluation?.loss), percent(evaluation?.accuracy)];
    const cells = [String(each.epoch), each.rate.toPrecision(3), fixed(each.loss), percent(each.accuracy), ...judged];
    return row(cells, each.epoch === epoch);
  });
  return [
    '<div class="scroll"><table>',
    `<thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead>`,
    `<tbody>${[...start, ...rows].join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n');
}

/** The page's HTML. */
export function historyPage(history: TrainingHistory): string {
  const name = escaped(quoted(history.model).slice(1, -1));
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Training of ${name}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<h1>Training of ${name}</h1>`,
    `<p>The output holds epoch ${history.epoch} of ${history.history.length}. Train numbers are means over an epoch, each batch before its update.</p>`,
    `<div class="plots">${charts(history).map(chartSvg).join('\n')}</div>`,
    tableOf(history),
    '</body></html>',
    '',
  ].join('\n');
}
