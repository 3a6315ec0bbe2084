/** The nodes of a model and what they cost, as inspect tells people. */
import type { ActivationReport, NodeCost } from '../../lib/report/costs.js';
import type { Page } from '../command.js';
import { bare, table } from './table.js';
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

const COLUMNS = [
  { head: 'node' },
  { head: 'operator' },
  { head: 'output' },
  { head: 'MACs', right: true },
  { head: 'share', right: true },
  { head: 'bytes', right: true },
  { head: 'parameters', right: true },
] as const;

/** All nodes, the most costly first, and what the numbers mean. */
export function costLines(nodes: readonly NodeCost[], activations: ActivationReport | null, { width, style }: Page) {
  const total = nodes.reduce((sum, { macs }) => sum + (macs ?? 0), 0);
  const rows = [...nodes].sort(byCost).map((node) => {
    const macs = node.macs === null ? ['-', ''] : [count(node.macs), share(node.macs, total)];
    const size = node.bytes === null ? '?' : bytes(node.bytes);
    return [nameOf(node), bare(node.op), shapeText(node), ...macs, size, count(node.parameters)];
  });
  const widest = activations && activations.at >= 0 ? nodes[activations.at] : undefined;
  return [
    '',
    ...table(COLUMNS, rows, width, style.bold),
    '',
    '-: not counted (docs/inspect.md names the operators that are), or of unknown shape',
    ...(widest ? [`most memory is in use at ${nameOf(widest)} (${bare(widest.op)}), in the order of the file`] : []),
  ];
}
