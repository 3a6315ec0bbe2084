/** The nodes of a model and what they cost, as inspect tells people. */
import type { ActivationReport, NodeCost } from '../../lib/report/costs.js';
import type { Page } from '../command.js';
import { bare, columnWidth, GAP, table, wrapped } from './table.js';
import { bytes, count } from './units.js';

const nameOf = ({ name, outputs }: NodeCost): string => bare(name || (outputs[0] ?? ''));

const shapeText = ({ shape }: NodeCost): string =>
  shape ? `[${shape.map((dim) => bare(String(dim))).join(', ')}]` : '[?]';

/** `12.3 %`, or nothing of nothing. */
const share = (part: number, whole: number): string => (whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '');

const cost = ({ macs, bytes: size, parameters }: NodeCost) => [macs ?? 0, size ?? 0, parameters] as const;

/** More multiply-accumulates first, then more bytes, then more parameters. */
function byCost(a: NodeCost, b: NodeCost): number {
  const [x, y] = [cost(a), cost(b)];
  return y[0] - x[0] || y[1] - x[1] || y[2] - x[2];
}

/** Columns from which on a name says which node it is. */
const NAME = 24;

const COLUMNS = [
  { head: 'node' },
  { head: 'operator' },
  { head: 'output' },
  { head: 'MACs', right: true },
  { head: 'share', right: true },
  { head: 'bytes', right: true },
  { head: 'parameters', right: true },
] as const;

/** Columns that a narrow terminal goes without, the first first, as their places in COLUMNS. */
const SPARED = [2, 4];

const without = <T>(cells: readonly T[], left: ReadonlySet<number>): readonly T[] =>
  cells.filter((_, at) => !left.has(at));

/** The columns to leave out, so that names have room. */
function leftOut(rows: readonly (readonly string[])[], width: number): ReadonlySet<number> {
  const widths = COLUMNS.map(({ head }, at) => columnWidth(head, rows, at));
  const left = new Set<number>();
  for (const at of SPARED) {
    const others = without(widths, left).slice(1);
    const room = width - others.reduce((sum, each) => sum + GAP.length + each, 0);
    if (room >= Math.min(NAME, widths[0] ?? 0)) break;
    left.add(at);
  }
  return left;
}

function noteLines(left: ReadonlySet<number>, { width }: Page): readonly string[] {
  const counted = '-: not counted (docs/inspect.md names the operators that are), or of unknown shape';
  const names = [...left].map((at) => COLUMNS[at]?.head).join(' and ');
  const narrow = left.size === 0 ? [] : [`the terminal is too narrow for ${names}; --json has all`];
  return [counted, ...narrow].flatMap((line) => wrapped(line, width, '', '   '));
}

/** All nodes, the most costly first, and what the numbers mean. */
export function costLines(nodes: readonly NodeCost[], activations: ActivationReport | null, page: Page) {
  const { width, style } = page;
  const total = nodes.reduce((sum, { macs }) => sum + (macs ?? 0), 0);
  const rows = [...nodes].sort(byCost).map((node) => {
    const macs = node.macs === null ? ['-', ''] : [count(node.macs), share(node.macs, total)];
    const size = node.bytes === null ? '?' : bytes(node.bytes);
    return [nameOf(node), bare(node.op), shapeText(node), ...macs, size, count(node.parameters)];
  });
  const left = leftOut(rows, width);
  const widest = activations && activations.at >= 0 ? nodes[activations.at] : undefined;
  return [
    '',
    ...table(
      without(COLUMNS, left),
      rows.map((row) => without(row, left)),
      width,
      style.bold,
    ),
    '',
    ...noteLines(left, page),
    ...(widest ? [`most memory is in use at ${nameOf(widest)} (${bare(widest.op)}), in the order of the file`] : []),
  ];
}
