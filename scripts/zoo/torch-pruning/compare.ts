/** One file of the zoo, pruned here and held against what torch-pruning made of the same weights. */
import { loadMember } from '../../../lib/commands/load.js';
import type { NdArray } from '../../../lib/ir/ndarray.js';
import { encodeModel } from '../../../lib/onnx/write.js';
import { withSession } from '../../../lib/runtime/session.js';
import { type Pruned, prune } from '../../../lib/transforms/prune.js';
import { keptOf, nodeOfLayer } from './layers.js';
import type { KeptSide, Recorded } from './recorded.js';

export interface Compared {
  /** Largest difference of an output, divided by the largest magnitude of that output. */
  readonly off: number;
  /** Sides of layers that torch-pruning narrowed: those with the same positions here, with others, and those not found. */
  readonly same: readonly KeptSide[];
  readonly other: readonly KeptSide[];
  readonly unknown: readonly KeptSide[];
}

/** The largest difference of two outputs, relative to the largest magnitude of the second. */
function relative(actual: NdArray, expected: NdArray): number {
  if (actual.dims.join() !== expected.dims.join()) return Number.POSITIVE_INFINITY;
  const [a, b] = [actual, expected].map(({ data }) => Array.from(data as ArrayLike<unknown>, Number)) as [
    number[],
    number[],
  ];
  const magnitude = Math.max(...b.map(Math.abs));
  return Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number)))) / magnitude;
}

function sides(pruned: Pruned, kept: readonly KeptSide[]): Omit<Compared, 'off'> {
  const found = kept.map((each) => {
    const node = nodeOfLayer(pruned.neurons.model.graph, each.layer);
    return { each, here: node && keptOf(pruned, node, each.side) };
  });
  const agrees = ({ each, here }: (typeof found)[number]) => here?.join() === each.positions.join();
  return {
    same: found.filter(agrees).map(({ each }) => each),
    other: found.filter((side) => side.here && !agrees(side)).map(({ each }) => each),
    unknown: found.filter(({ here }) => !here).map(({ each }) => each),
  };
}

/** Prunes a file with the recorded options and runs it on the recorded inputs. Throws what pruning and running throw. */
export async function compareWithTorch(path: string, recorded: Recorded): Promise<Compared> {
  const pruned = prune(loadMember(path), recorded.options);
  const feeds = new Map(recorded.inputs);
  const outputs = await withSession(encodeModel(pruned.model), { label: path }, (session) => session.run(feeds));
  const expected = [...recorded.outputs.values()];
  const off = Math.max(...[...outputs.values()].map((output, i) => relative(output, expected[i] as NdArray)));
  return { off, ...sides(pruned, recorded.kept) };
}
