/** What evaluate tells people. */
import type { EvaluateReport } from '../../lib/commands/evaluate.js';
import type { Page } from '../command.js';
import { bare, table } from './table.js';
import { count, digits } from './units.js';

/** The text of `evaluate`. */
export function evaluateText({ models }: EvaluateReport, { width, style }: Page): string {
  const columns = [{ head: 'model' }, ...['accuracy', 'loss', 'samples'].map((head) => ({ head, right: true }))];
  const rows = models.map(({ path, accuracy, loss, samples }) => [
    bare(path),
    `${(100 * accuracy).toFixed(2)} %`,
    Number.isFinite(loss) ? loss.toFixed(4) : digits(loss, 'not finite'),
    count(samples),
  ]);
  return table(columns, rows, width, style.bold).join('\n');
}
