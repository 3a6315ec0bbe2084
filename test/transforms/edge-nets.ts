/** The small net at the edge, and what must hold of it. */
import type { Model } from '../../lib/ir/model.js';
import { concat } from '../../lib/transforms/concat.js';
import { type Blueprint, members } from '../support/build.js';
import { masked, pruneRandomly } from '../support/oracle.js';
import { expectClose, feedsFor, meanOf, runModel, TIGHT } from '../support/run.js';

/** Pruning is masking. */
export async function expectMasked(model: Model, tolerance = TIGHT): Promise<void> {
  const pruned = pruneRandomly(model);
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned), feeds), tolerance);
}

/** Two members side by side compute their mean, exactly. Answers the wide model. */
export async function expectMean(print: Blueprint, tolerance = TIGHT): Promise<Model> {
  const all = members(print);
  const wide = concat(all, { exact: true }).model;
  const feeds = feedsFor(wide);
  const results = await Promise.all(all.map((member) => runModel(member, feeds)));
  expectClose(await runModel(wide, feeds), meanOf(results), tolerance);
  return wide;
}

/** x [batch, 6] -> h: 8 neurons -> y: 3 outputs. */
export const mlp: Blueprint = {
  inputs: { x: ['batch', 6] },
  outputs: ['y'],
  weights: { w1: [6, 8], b1: [8], w2: [8, 3], b2: [3] },
  nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
};
