/** The comparison with torch-pruning, net by net. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Compared, compareWithTorch } from './compare.js';
import { type KeptSide, parseRecorded } from './recorded.js';

/** Largest difference of an output, relative to its largest magnitude. */
const LIMIT = 1e-3;

export interface Checked {
  readonly net: string;
  readonly exporter: string;
  readonly compared: Compared;
}

export const agrees = ({ compared: { off, other, unknown } }: Checked): boolean =>
  off < LIMIT && other.length + unknown.length === 0;

/** Compares the files of one net; none where torch-pruning did not prune it. */
export async function checkTorch(folder: string, net: string): Promise<readonly Checked[]> {
  const record = join(folder, 'torch-pruning.npz');
  if (!existsSync(record)) return [];
  const recorded = parseRecorded(readFileSync(record), record);
  const checked: Checked[] = [];
  for (const exporter of ['legacy', 'dynamo']) {
    const path = join(folder, `${exporter}-0.onnx`);
    if (existsSync(path)) checked.push({ net, exporter, compared: await compareWithTorch(path, recorded) });
  }
  return checked;
}

const sides = (what: string, list: readonly KeptSide[]): readonly string[] =>
  list.length === 0 ? [] : [`    ${what}: ${list.map(({ side, layer }) => `${layer} (${side})`).join(', ')}`];

/** One file on one line, and what does not agree. */
export function torchRow({ net, exporter, compared }: Checked): string {
  const { off, same, other, unknown } = compared;
  const all = same.length + other.length + unknown.length;
  return [
    `${net.padEnd(24)} ${exporter.padEnd(7)} ${off.toExponential(1).padStart(8)}  ${same.length} of ${all} sides of layers keep the same`,
    ...sides('other neurons', other),
    ...sides('not found in the file', unknown),
  ].join('\n');
}

/** How many agree. */
export function torchSummary(checked: readonly Checked[]): readonly string[] {
  const within = checked.filter(({ compared }) => compared.off < LIMIT);
  const nets = (of: readonly Checked[]) => new Set(of.map(({ net }) => net)).size;
  return [
    `${within.length} of ${checked.length} files, of ${nets(within)} of ${nets(checked)} nets, compute what torch-pruning's net computes within ${LIMIT}; ` +
      `${checked.filter(agrees).length} keep the same neurons in every layer.`,
  ];
}
