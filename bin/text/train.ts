/** What train and distill tell people. */
import type { ArtifactReport } from '../../lib/commands/artifacts.js';
import type { TrainReport } from '../../lib/commands/train.js';
import type { Page } from '../command.js';
import { bare, table } from './table.js';
import { bytes, count, seconds } from './units.js';

export const percent = (accuracy: number | undefined): string =>
  accuracy === undefined ? '' : `${(100 * accuracy).toFixed(2)} %`;
export const fixed = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(4));

function endLines({ output, seconds: time }: TrainReport, style: Page['style']): readonly string[] {
  if (!output) return [`dry run: nothing was written, ${seconds(time)}`];
  const checked = output.validated ? 'read again and run in ONNX Runtime' : 'read again, not run (--no-validate)';
  return [style.bold(`wrote ${bare(output.path)}`), `${bytes(output.bytes)} on disk, ${checked}, ${seconds(time)}`];
}

/** What the table of the epochs needs. */
type Epochs = Pick<TrainReport, 'before' | 'history' | 'epoch'>;

/** The text of `train`. */
export function trainText(report: TrainReport, { width, style }: Page): string {
  return [
    `training of ${bare(report.model)}: ${count(report.parameters)} parameters`,
    '',
    ...epochLines(report, width, style),
    '',
    `the output holds epoch ${report.epoch}${report.stopped ? ', after which it got no better' : ''}`,
    ...endLines(report, style),
  ].join('\n');
}

/** A table of the epochs of a training, the one that was kept with a star. */
export function epochLines(report: Epochs, width: number, style: Page['style']): readonly string[] {
  const columns = ['epoch', 'rate', 'loss', 'accuracy', 'held-out loss', 'accuracy', 'samples/s'];
  const before = report.before;
  const start = before ? [['0', '', '', '', fixed(before.loss), percent(before.accuracy), '']] : [];
  const rows = report.history.map((each) => [
    `${each.epoch}${each.epoch === report.epoch ? '*' : ''}`,
    each.rate.toPrecision(3),
    fixed(each.loss),
    percent(each.accuracy),
    fixed(each.evaluation?.loss),
    percent(each.evaluation?.accuracy),
    count(Math.round(each.samplesPerSecond)),
  ]);
  return table(
    columns.map((head) => ({ head, right: true })),
    [...start, ...rows],
    width,
    style.bold,
  );
}

/** The text of `artifacts`. */
export const artifactsText = (report: ArtifactReport, { style }: Page): string =>
  [
    `${report.flavor} training artifacts of ${bare(report.model)}: ${count(report.trained.length)} parameters to train, ${count(report.frozen.length)} frozen`,
    ...report.files.map((path) => `  ${bare(path)}`),
    style.bold(`wrote ${bare(report.folder)}, ${seconds(report.seconds)}`),
  ].join('\n');
