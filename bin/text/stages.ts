/** What fuse tells people of its stages, where it fine-tunes. */

import type { FuseReport } from '../../lib/commands/fuse.js';
import type { StageReport } from '../../lib/commands/fuse-orders.js';
import type { Page } from '../command.js';
import { table } from './table.js';
import { epochLines, fixed, percent } from './train.js';
import { count, seconds } from './units.js';

const HEADS = ['parameters', 'held-out loss', 'accuracy', 'epoch', 'time'].map((head) => ({ head, right: true }));

const rowOf = ({ stage, parameters, after, history, epoch, seconds: time }: StageReport): readonly string[] => [
  stage,
  count(parameters),
  fixed(after?.loss),
  percent(after?.accuracy),
  history ? `${epoch} of ${history.length}` : '',
  seconds(time),
];

/** One table of the stages, then the epochs of each training; nothing where nothing was trained. */
export function stagesLines({ fineTuning }: FuseReport, { width, style }: Page): readonly string[] {
  if (!fineTuning) return [];
  const { order, stages } = fineTuning;
  const rows = stages.map(rowOf);
  const trainings = stages.flatMap(({ history = [], epoch = 0, before, stopped }, i) => {
    if (stages[i]?.stage !== 'train') return [];
    const end = stopped ? ', which got no better after that' : '';
    const title = `the training after ${stages[i - 1]?.stage}, of which epoch ${epoch} was kept${end}`;
    return ['', style.bold(title), ...epochLines({ history, epoch, before }, width, style)];
  });
  return [
    style.bold(`order ${order}`),
    ...table([{ head: 'stage' }, ...HEADS], rows, width, style.bold),
    ...trainings,
    '',
  ];
}
