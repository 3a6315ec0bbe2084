/**
 * Every structure rule by numbers: what is pruned computes what the unpruned model does when nothing reads the removed
 * neurons, and members side by side compute the mean of their outputs.
 */
import { describe, expect, test } from '@jest/globals';
import type { FactorPolicy } from '../../../lib/analysis/composites.js';
import { findNeurons } from '../../../lib/analysis/neurons.js';
import type { Model } from '../../../lib/ir/model.js';
import { STRUCTURE_RULES } from '../../../lib/rules/structure/index.js';
import { opKey, ruleFor } from '../../../lib/rules/table.js';
import { concat } from '../../../lib/transforms/concat.js';
import type { Pruned } from '../../../lib/transforms/prune.js';
import { build, members } from '../../support/build.js';
import { groupSizes, masked, pruneRandomly } from '../../support/oracle.js';
import { codeOf } from '../../support/refused.js';
import { expectClose, feedsFor, meanOf, runModel } from '../../support/run.js';
import { attentionCases } from './attention.js';
import type { StructureCase } from './case.js';
import { einsumCases } from './einsum.js';
import { elementwiseCases } from './elementwise.js';
import { indexingCases } from './indexing.js';
import { linearCases } from './linear.js';
import { movingCases } from './moving.js';
import { normalisingCases } from './normalise.js';
import { pixelCases } from './pixel.js';
import { recurrentCases } from './recurrent.js';
import { spatialCases } from './spatial.js';
import { stretchingCases } from './stretch.js';

const CASES = [
  ...attentionCases,
  ...einsumCases,
  ...elementwiseCases,
  ...indexingCases,
  ...linearCases,
  ...movingCases,
  ...normalisingCases,
  ...pixelCases,
  ...recurrentCases,
  ...spatialCases,
  ...stretchingCases,
];

const named = CASES.map((each) => [`${each.nodes.slice(0, -1).join('; ')} (opset ${each.opset ?? 17})`, each] as const);

async function checkPruning(each: StructureCase): Promise<void> {
  const model = build(each);
  const pruned = pruneRandomly(model);
  expect(groupSizes(pruned.model)).toEqual(each.after ?? halves(each.groups));
  await checkMasking(model, pruned, 'outer', each.mixes);
}

const halves = (sizes: readonly number[]): readonly number[] => sizes.map((size) => Math.floor(size / 2));

async function checkMasking(model: Model, pruned: Pruned, factors: FactorPolicy, mixes?: RegExp): Promise<void> {
  const feeds = feedsFor(model);
  const result = await runModel(pruned.model, feeds);
  if (mixes) expect(pruned.notes.join()).toMatch(mixes);
  else {
    expect(pruned.notes).toEqual([]);
    expectClose(result, await runModel(masked(model, pruned, factors), feeds));
  }
}

describe('pruning is masking', () => {
  test.each(named)('%s', async (_, each) => {
    const model = build(each);
    expect(groupSizes(model)).toEqual(each.groups);
    expect(findNeurons(model).unsupported.size).toBe(0);
    expect(codeOf(() => pruneRandomly(model))).toBe(each.pruneRefused);
    if (!each.pruneRefused) await checkPruning(each);
  });
});

describe('pruning the same neuron of every group is masking', () => {
  test.each(named.filter(([, each]) => each.inner && !each.pruneRefused))('%s', async (_, each) => {
    const model = build(each);
    expect(groupSizes(model, 'inner')).toEqual(each.inner?.groups);
    const pruned = pruneRandomly(model, 1, 'inner');
    expect(groupSizes(pruned.model, 'inner')).toEqual(halves(each.inner?.groups ?? []));
    await checkMasking(model, pruned, 'inner', each.inner?.mixes);
  });
});

describe('side by side computes the mean', () => {
  test.each(named)('%s', async (_, each) => {
    const all = members(each);
    const note = each.mixes ?? each.approximate;
    expect(codeOf(() => concat(all, { exact: true }))).toBe(note && 'NOT_EXACT');
    const wide = concat(all, { exact: false });
    expect(groupSizes(wide.model)).toEqual(each.groups.map((size) => 2 * size));
    const feeds = feedsFor(wide.model);
    const result = await runModel(wide.model, feeds);
    if (note) expect(wide.notes.join()).toMatch(note);
    else expectClose(result, meanOf([await runModel(all[0], feeds), await runModel(all[1], feeds)]));
  });
});

test('every rule has a case', () => {
  const used = new Set(
    CASES.flatMap((each) => {
      const { graph, opsets } = build(each);
      return graph.nodes.map((node) => {
        const rule = ruleFor(STRUCTURE_RULES, node, opsets.get(node.domain) ?? 0);
        const op = opKey(node.domain, node.opType);
        return `${op} ${STRUCTURE_RULES.get(op)?.findIndex((row) => row.rule === rule)}`;
      });
    }),
  );
  const rows = [...STRUCTURE_RULES].flatMap(([op, all]) => all.map((_, index) => `${op} ${index}`));
  expect(rows.filter((row) => !used.has(row))).toEqual([]);
});
