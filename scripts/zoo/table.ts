/** The zoo's results as lines, and what passing means. */
import type { NetResult, Outcome, Step } from './check.js';

export const MARKS: Readonly<Record<Outcome, string>> = {
  exact: 'ok',
  nearly: 'ok, nearly',
  refused: 'refused',
  wrong: 'WRONG',
};

/** What a net must do to pass. Members of both exporters at once (`fuse both`) are counted apart. */
const REQUIRED: ReadonlySet<string> = new Set(['identity', 'prune', 'fuse 2', 'fuse 3', 'concat']);

const failed = ({ kind }: Step): boolean => kind === 'refused' || kind === 'wrong';

/** Whether a net does all that it must. */
export const passes = ({ steps }: NetResult): boolean => !steps.some((step) => REQUIRED.has(step.name) && failed(step));

/** The steps that failed, required or not. */
export const troubles = ({ steps }: NetResult): readonly Step[] => steps.filter(failed);

/** One net on one line, and a line for each step that did not pass. */
export function zooRow(result: NetResult): string {
  const head = `${result.net.padEnd(24)} ${result.exporter.padEnd(7)} ${String(result.nodes).padStart(5)} nodes`;
  const cells = result.steps.map(({ name, kind }) => `${name} ${MARKS[kind]}`).join(', ');
  return [`${head}  ${cells}`, ...troubles(result).map(({ name, detail }) => `    ${name}: ${detail}`)].join('\n');
}

const share = (part: number, all: number): string =>
  `${part} of ${all} (${(all === 0 ? 0 : (100 * part) / all).toFixed(1)} %)`;

/** How many passed, and how each step that is counted apart went. */
export function zooSummary(results: readonly NetResult[]): readonly string[] {
  const wrong = results.filter(({ steps }) => steps.some(({ kind }) => kind === 'wrong')).length;
  const steps = results.flatMap((result) => result.steps);
  const apart = [...new Set(steps.map(({ name }) => name))].filter((name) => !REQUIRED.has(name));
  return [
    `${share(results.filter(passes).length, results.length)} net x exporter pass ${[...REQUIRED].join(', ')}; ${wrong} have something wrong`,
    ...apart.map((name) => {
      const tried = steps.filter((step) => step.name === name);
      return `${share(tried.filter((step) => !failed(step)).length, tried.length)} pass ${name}`;
    }),
  ];
}
