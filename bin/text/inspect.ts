/** What inspect tells people. */
import type { InspectReport } from '../../lib/commands/inspect.js';
import { NEURONS_KEY } from '../../lib/commands/origins.js';
import { RECIPE_KEY } from '../../lib/commands/recipe.js';
import type { Contents, ValueReport } from '../../lib/report/contents.js';
import type { NeuronsReport } from '../../lib/report/neurons.js';
import type { Page } from '../command.js';
import { healthLines } from './health.js';
import { axisLines, groupTitle, restLines, some, uncoveredLines } from './neurons.js';
import { costLines } from './nodes.js';
import { orderLine, originLines } from './provenance.js';
import { recipeLines } from './recipe.js';
import { adviceLines, similarityLines } from './similarity.js';
import { bare, shortened, wrapped } from './table.js';
import { bytes, count, counted } from './units.js';

/** A heading and the lines beside it. */
type Entry = readonly [heading: string, lines: readonly string[]];

const HEADING = 12;

const valueLines = (values: readonly ValueReport[]): readonly string[] =>
  values.map(({ name, dtype, shape }) => {
    const axes = shape ? `[${shape.map((dim) => bare(String(dim))).join(', ')}]` : '[?]';
    return `${bare(name)}  ${dtype ?? 'no tensor'} ${axes}`;
  });

function versionLine({ irVersion, opsets, producer }: Contents): string {
  const named = opsets.map(({ domain, version }) =>
    domain === '' ? `opset ${version}` : `${bare(domain)} ${version}`,
  );
  return [`IR ${irVersion}`, ...named, producer === '' ? 'producer unknown' : `made by ${bare(producer)}`].join(', ');
}

function operatorLine({ operators }: Contents): string {
  const each = operators.map(
    ({ domain, op, count: n }) => `${domain === '' ? '' : `${bare(domain)}::`}${bare(op)} ${n}`,
  );
  return each.join(', ') || 'none';
}

function weightLine({ weights: { tensors, parameters, bytes: size, types } }: Contents): string {
  const split =
    types.length > 1
      ? `: ${types.map((type) => `${type.dtype} ${bytes(type.bytes)} in ${count(type.tensors)}`).join(', ')}`
      : '';
  const dtype = types.length === 1 ? ` of ${types[0]?.dtype}` : '';
  return `${counted(parameters, 'parameter')}; ${counted(tensors, 'tensor')}${dtype}, ${bytes(size)}${split}`;
}

/** How the lengths were counted that the model leaves open. */
function openText({ sizes, inputs, outputs }: InspectReport): string {
  const told = sizes.map(({ name, size }) => `${bare(name)} = ${count(size)}`);
  const open = [...inputs, ...outputs].some(({ shape }) => shape?.some((dim) => typeof dim === 'string'));
  if (told.length > 0) return `, at ${told.join(', ')}`;
  return open ? ', open lengths counted as 1 (--batch, --size)' : '';
}

function macLine(report: InspectReport): string {
  const { macs } = report;
  if (!macs) return 'unknown: the shapes contradict each other';
  const missing = macs.unknown > 0 ? `, ${counted(macs.unknown, 'node')} of unknown shape left out` : '';
  return `${count(macs.total)}${openText(report)}${missing}`;
}

function neuronLine({ neuronCount, neurons }: InspectReport): string {
  if (!neuronCount) return 'unknown';
  const { neurons: all, groups } = neuronCount;
  const more = neurons || groups === 0 ? '' : '; --neurons lists them';
  return `${count(all)} in ${counted(groups, 'group')}${more}`;
}

function activationLine({ activations, nodes }: InspectReport): string {
  if (!activations) return 'unknown';
  const { total, peak, unknown } = activations;
  const missing = unknown > 0 ? `, ${counted(unknown, 'value')} of unknown shape left out` : '';
  const more = nodes ? '' : '; --nodes lists the nodes';
  return `${bytes(peak)} alive at once, ${bytes(total)} in all${missing}${more}`;
}

function fileLines({ fileBytes, external }: InspectReport): readonly string[] {
  return some([
    bytes(fileBytes),
    ...external.map(({ location, bytes: size, tensors, used, from, to }) => {
      const held = `${counted(tensors, 'tensor')}, ${bytes(used)} from ${count(from)} to ${count(to)}`;
      return `beside it ${bare(location)}, ${bytes(size)}: ${held}`;
    }),
  ]);
}

/** Longest note of a file that the text shows. */
const SHOWN_NOTE = 80;

function metadataLines({ metadata, nodeNotes }: InspectReport): readonly string[] {
  const own = metadata.filter(({ key }) => key !== RECIPE_KEY && key !== NEURONS_KEY);
  const first = (text: string) => bare(shortened(text, SHOWN_NOTE));
  return some([
    ...own.map(({ key, value }) => `${bare(key)}: ${first(value)}`),
    ...nodeNotes.map(({ key, nodes, first: note }) => `${counted(nodes, 'node')} with ${bare(key)}: ${first(note)}`),
  ]);
}

const functionLines = ({ localFunctions }: InspectReport): readonly string[] =>
  some(
    localFunctions.map(
      ({ domain, name, nodes }) =>
        `${domain === '' ? '' : `${bare(domain)}::`}${bare(name)}, ${counted(nodes, 'node')}`,
    ),
  );

/** An entry, or none where it has no lines. */
const ifAny = (heading: string, lines: readonly string[]): readonly Entry[] =>
  lines.length > 0 ? [[heading, lines]] : [];

function summary(report: InspectReport, page: Page): readonly Entry[] {
  return [
    ['ONNX', [versionLine(report)]],
    ['file', fileLines(report)],
    ['inputs', some(valueLines(report.inputs))],
    ['outputs', some(valueLines(report.outputs))],
    ['operators', [operatorLine(report)]],
    ...ifAny('functions', functionLines(report)),
    ['weights', [weightLine(report)]],
    ['MACs', [macLine(report)]],
    ['activations', [activationLine(report)]],
    ['neurons', [neuronLine(report)]],
    ...ifAny('not covered', uncoveredLines(report.uncovered)),
    ['health', healthLines(report.health, report.neuronCount !== null, page)],
    ...ifAny('metadata', metadataLines(report)),
    ...ifAny('recipe', report.recipe === null ? [] : recipeLines(report.recipe)),
    ...ifAny('neurons of', originLines(report.provenance)),
    ...ifAny('similarity', report.memberSimilarity ? adviceLines(report.memberSimilarity) : []),
  ];
}

function entryLines([heading, lines]: Entry, { width, style }: Page): readonly string[] {
  const room = width - HEADING - 1;
  const all = lines.flatMap((line) => wrapped(line, room, '', '  '));
  return all.map((line, i) => `${i === 0 ? style.bold(heading.padEnd(HEADING)) : ' '.repeat(HEADING)} ${line}`);
}

function neuronLines(report: NeuronsReport, { provenance }: InspectReport, page: Page): readonly string[] {
  const listed = report.groups.flatMap(({ name, size, axes }, at) => [
    '',
    groupTitle(name, `, ${counted(size, 'neuron')}`, page),
    ...orderLine(provenance, at, { name, size }, page),
    ...axisLines(axes, page),
  ]);
  return [...listed, ...restLines(report, page)];
}

/** The text of `inspect`. */
export function inspectText(report: InspectReport, page: Page): string {
  const lines = summary(report, page).flatMap((entry) => entryLines(entry, page));
  const nodes = report.nodes ? costLines(report.nodes, report.activations, page) : [];
  const neurons = report.neurons ? neuronLines(report.neurons, report, page) : [];
  const similar = report.memberSimilarity ? similarityLines(report.memberSimilarity, page) : [];
  const written = report.page ? ['', `wrote ${bare(report.page.path)}: ${bytes(report.page.bytes)}`] : [];
  return [page.style.bold(bare(report.path)), ...lines, ...nodes, ...neurons, ...similar, ...written].join('\n');
}
