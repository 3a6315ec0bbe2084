/** What train --check tells people. */
import type { CheckReport } from '../../lib/commands/check-report.js';
import type { Page } from '../command.js';
import { bare, table, wrapped } from './table.js';
import { bytes, count, counted } from './units.js';

const HEADS = [{ head: 'parameter' }, { head: 'shape' }, { head: 'elements', right: true }, { head: '' }];

function parameterLines({ trained, frozen, idle }: CheckReport, { width, style }: Page): readonly string[] {
  const rows = [
    ...trained.map((each) => ({ ...each, how: idle.includes(each.name) ? 'the loss does not depend on it' : '' })),
    ...frozen.map((each) => ({ ...each, how: 'frozen' })),
  ].map(({ name, shape, elements, how }) => [bare(name), `[${shape.join(', ')}]`, count(elements), how]);
  return table(HEADS, rows, width, style.bold);
}

/** Nodes of one operator that are named; `--json` has all. */
const NAMED = 3;

/** What is missing, operator by operator. */
function missingLines({ missing }: CheckReport, { width }: Page): readonly string[] {
  const operators = [...new Set(missing.map(({ operator }) => operator))];
  return operators.flatMap((operator) => {
    const nodes = missing.filter((each) => each.operator === operator);
    const named = nodes.slice(0, NAMED).map(({ node }) => node);
    const more = nodes.length > NAMED ? [`${count(nodes.length - NAMED)} more`] : [];
    const text = `${operator}, ${counted(nodes.length, 'node')}, ${nodes[0]?.why}: ${[...named, ...more].join('; ')}`;
    return wrapped(text, width, '  ', '    ');
  });
}

function verdict(report: CheckReport, page: Page): readonly string[] {
  const { refused, step } = report;
  const { width, style } = page;
  if (step) {
    const { nodes, modelNodes, bytes: size, stateBytes } = step;
    return [
      `a step has ${counted(nodes, 'node')}, the model ${count(modelNodes)}; its graph takes ${bytes(size)}, ` +
        `parameters and optimizer state ${bytes(stateBytes)}, held twice`,
      style.green('can be trained'),
    ];
  }
  const advice = report.missing.length > 0 ? '; --freeze the parameters in front of these nodes' : '';
  const reasons = refused === undefined ? missingLines(report, page) : wrapped(refused, width, '  ', '    ');
  return [...reasons, style.red(`cannot be trained${advice}`)];
}

/** What artifacts have decided. */
function artifactLines({ artifacts }: CheckReport, { width }: Page): readonly string[] {
  if (!artifacts) return [];
  const { flavor, moments, steps, rate, input, labels, loss, judged, outputs } = artifacts;
  const memory = moments.length === 0 ? 'nothing' : moments.join(' and ');
  return [
    `artifacts of the flavour ${flavor}: samples go to ${bare(input)}, labels to ${bare(labels)}; ${bare(loss)} judges ${bare(judged)}`,
    `their optimizer remembers ${memory} of each parameter, and has done ${counted(steps, 'step')}; rate ${rate} unless told`,
    `the model that comes of it gives ${outputs.map(bare).join(', ')}`,
    '',
  ].flatMap((line) => wrapped(line, width, '', '  '));
}

/** The text of `train --check`. */
export function checkText(report: CheckReport, page: Page): string {
  const elements = report.trained.reduce((sum, each) => sum + each.elements, 0);
  return [
    `${counted(report.trained.length, 'parameter')} of ${bare(report.model)} to train (${counted(elements, 'element')}), ${count(report.frozen.length)} frozen`,
    '',
    ...artifactLines(report, page),
    ...parameterLines(report, page),
    '',
    ...verdict(report, page),
  ].join('\n');
}
