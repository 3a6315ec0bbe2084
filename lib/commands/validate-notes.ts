/** What `validate` found that is no check, and that a user should know. */
import { quoted } from '../errors.js';
import type { OutputStatistics } from '../runtime/statistics.js';
import type { Compared } from './against.js';
import type { SetRuns } from './run-sets.js';
import type { TraceReport } from './trace-report.js';
import type { ValidateOptions } from './validate-options.js';

/** One line each: outputs that are not finite or not read, operators left to the CPU, a difference that a trace does not see. */
export function notesOf(
  runs: SetRuns | undefined,
  statistics: readonly OutputStatistics[],
  compared: Compared | null,
  traced: TraceReport | null,
  options: ValidateOptions,
): readonly string[] {
  const left = (ep: string, path: string) => `execution provider ${quoted(ep)} left some operators${path} to the CPU`;
  const nonfinite = statistics.filter(({ nan, infinite }) => nan + infinite > 0);
  const hidden = traced?.verdict === 'agrees' && compared?.report.outputs.some(({ within }) => !within);
  return [
    ...nonfinite.map(({ name }) => `output ${quoted(name)} holds NaN or infinity on these inputs`),
    ...(runs?.unread ?? []).map((name) => `output ${quoted(name)} is no tensor of numbers and was not looked at`),
    ...(runs?.mixed ? [left(options.ep ?? 'cpu', '')] : []),
    ...(compared?.mixed ?? []).map((path) => left(compared?.report.ep ?? '', ` of ${quoted(path)}`)),
    ...(options.trace && compared && !traced ? ['not traced: the structure of the model is not sound'] : []),
    ...(hidden
      ? [
          'without optimisation of the graph, as a trace runs, both agree: an optimisation of ONNX Runtime sets them apart',
        ]
      : []),
  ];
}
