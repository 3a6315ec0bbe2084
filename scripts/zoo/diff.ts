/** How `diff` fares on the zoo: exports of the same weights, and networks with their neurons in another order. */
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRoles } from '../../lib/analysis/roles.js';
import { diff } from '../../lib/commands/diff.js';
import { attempt } from '../../lib/errors.js';
import type { Model } from '../../lib/ir/model.js';
import { seeded, shuffledIndices } from '../../lib/ir/random.js';
import { readModel } from '../../lib/onnx/read.js';
import { writeModel } from '../../lib/onnx/write.js';
import { assemble } from '../../lib/transforms/assemble.js';
import { gatherForms } from '../../lib/transforms/side-by-side.js';

/** One comparison and what came of it. */
export interface Compared {
  readonly net: string;
  /** `legacy, dynamo` for the exports of the same weights; the exporter of two seeds, and of what was shuffled. */
  readonly what: string;
  readonly verdict: string;
  /** Whether the outputs agree; undefined where both were not run. */
  readonly agree: boolean | undefined;
  /** Whether it is what it should be. */
  readonly ok: boolean;
}

const EXPORTERS = ['legacy', 'dynamo'] as const;

/** The neurons of every group in another order; undefined for a network without neurons, or none that can be taken apart. */
const shuffled = (model: Model): Model | undefined =>
  attempt(() => {
    const { family } = gatherForms([model], model);
    const random = seeded(7);
    const selection = family.template.groups.map(({ size }) =>
      Array.from(shuffledIndices(size, random), (neuron) => ({ member: 0, neuron })),
    );
    return selection.length > 0 ? assemble(family, findRoles(family.template), selection, () => 1) : undefined;
  }).made;

async function compare(
  net: string,
  what: string,
  [a, b]: readonly [string, string],
  permutation: boolean,
  isRight: (verdict: string, found: boolean) => boolean,
): Promise<Compared> {
  const { verdict, outputs, permutation: order } = await diff(a, b, { permutation });
  return { net, what, verdict, agree: outputs?.within, ok: isRight(verdict, order?.same ?? false) };
}

/** Compares the exports of one net, and each with itself shuffled. */
export async function checkDiff(folder: string, net: string): Promise<readonly Compared[]> {
  const paths = EXPORTERS.map((exporter) => join(folder, `${exporter}-0.onnx`));
  const [legacy = '', dynamo = ''] = paths;
  const found: Compared[] = [];
  if (existsSync(legacy) && existsSync(dynamo)) {
    found.push(await compare(net, 'legacy, dynamo', [legacy, dynamo], false, (verdict) => verdict === 're-exported'));
  }
  for (const [i, path] of paths.entries()) {
    const apart = join(folder, `${EXPORTERS[i]}-1.onnx`);
    if (!existsSync(path) || !existsSync(apart)) continue;
    const what = `${EXPORTERS[i]}, other weights`;
    found.push(await compare(net, what, [path, apart], true, (verdict, same) => verdict === 'different' && !same));
  }
  for (const [i, path] of paths.entries()) {
    const other = existsSync(path) ? shuffled(readModel(path)) : undefined;
    if (!other) continue;
    const copy = join(tmpdir(), `onnx-transplant-shuffled-${process.pid}.onnx`);
    try {
      await writeModel(other, copy);
      found.push(await compare(net, EXPORTERS[i] ?? '', [path, copy], true, (_, same) => same));
    } finally {
      rmSync(copy, { force: true });
    }
  }
  return found;
}

/** One line. */
export const diffRow = ({ net, what, verdict, agree, ok }: Compared): string =>
  `${ok ? 'ok' : '--'}  ${net} (${what}): ${verdict}${agree === undefined ? ', not run' : agree ? '' : ', outputs differ'}`;

/** What came of all. */
export function diffSummary(all: readonly Compared[]): readonly string[] {
  const of = (isOf: (what: string) => boolean) => all.filter(({ what }) => isOf(what));
  const exports = of((what) => what === 'legacy, dynamo');
  const apart = of((what) => what.endsWith('other weights'));
  const orders = of((what) => !what.includes(','));
  const good = (some: readonly Compared[]) => `${some.filter(({ ok }) => ok).length} of ${some.length}`;
  const differ = exports.filter(({ agree }) => agree === false).length;
  return [
    `${good(exports)} pairs of exports are told as re-exported; the outputs of ${differ} differ`,
    `${good(orders)} shuffled networks are found to be the same up to the order of their neurons`,
    `${good(apart)} pairs with other weights are told as different`,
  ];
}
