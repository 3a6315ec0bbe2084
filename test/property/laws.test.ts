/** Laws that hold for every network: what is done to it shows in its function only as far as it must. */
import { describe, expect, test } from '@jest/globals';
import { gatherFamily } from '../../lib/analysis/members.js';
import { findRoles } from '../../lib/analysis/roles.js';
import type { Model } from '../../lib/ir/model.js';
import { seeded, shuffledIndices } from '../../lib/ir/random.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { assemble } from '../../lib/transforms/assemble.js';
import { average } from '../../lib/transforms/average.js';
import { concat } from '../../lib/transforms/concat.js';
import { ensemble } from '../../lib/transforms/ensemble.js';
import { prune } from '../../lib/transforms/prune.js';
import { keptAt, type Selection } from '../../lib/transforms/select.js';
import { type TransplantOptions, transplant } from '../../lib/transforms/transplant.js';
import { untie } from '../../lib/transforms/untie.js';
import { groupSizes, masked, PRUNE, pruneRandomly } from '../support/oracle.js';
import { codeOf } from '../support/refused.js';
import { expectClose, feedsFor, meanOf, runModel } from '../support/run.js';
import { forNets, trained } from './laws.js';
import { type Net, regroups } from './nets.js';

const L2: TransplantOptions = {
  importance: 'l2',
  seed: 1,
  allowNonfinite: false,
  strategy: 'joint',
  scope: 'layer',
  transfer: 1,
  exact: true,
};

/** Bit for bit the same outputs. */
async function expectIdentical(a: Model, b: Model): Promise<void> {
  const feeds = feedsFor(a);
  const [x, y] = [await runModel(a, feeds), await runModel(b, feeds)];
  expect([...x]).toEqual([...y]);
}

/** A model at another width. Heads and groups of neurons may refuse that, and nothing else. */
function widened(net: Net, make: () => Model): Model | undefined {
  const refused = codeOf(make);
  if (!refused) return make();
  expect([regroups(net), refused]).toEqual([true, expect.stringMatching(/^(LAYOUT_UNSUPPORTED|MEMBERS_DIFFER)$/)]);
  return undefined;
}

describe('prune', () => {
  test('nothing is the identity', () =>
    forNets(async (net) => {
      const model = trained(net, 1);
      await expectIdentical(prune(model, { ...PRUNE, ratio: 0 }).model, model);
    }));

  test.each(['outer', 'inner'] as const)('is masking, and leaves the widths that it says (%s factors)', (factors) =>
    forNets(async (net) => {
      const model = trained(net, 1);
      const pruned = pruneRandomly(model, 1, factors);
      const sizes = groupSizes(model, factors).map((size) => keptAt(size, 0.5));
      expect(pruned.ranking.map((group) => group.kept.length)).toEqual(sizes);
      // A single head or group is no factor of an axis any more: its features are neurons then.
      if (!sizes.includes(1)) expect(groupSizes(pruned.model, factors)).toEqual(sizes);
      const feeds = feedsFor(model);
      expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned, factors), feeds));
    }),
  );

  test('works on what it made itself', () =>
    forNets(async (net) => {
      const once = prune(trained(net, 1), { ...PRUNE, ratio: 0.3 }).model;
      const twice = prune(once, { ...PRUNE, ratio: 0.3, importance: 'l2' });
      const feeds = feedsFor(once);
      expectClose(await runModel(twice.model, feeds), await runModel(masked(once, twice), feeds));
    }));
});

test('the order of neurons means nothing', () =>
  forNets(async (net) => {
    const model = untie(trained(net, 1));
    const family = gatherFamily(model, [model]);
    const random = seeded(3);
    const shuffled: Selection = family.template.groups.map((group) =>
      [...shuffledIndices(group.size, random)].map((neuron) => ({ member: 0, neuron })),
    );
    const permuted = assemble(family, findRoles(family.template), shuffled, () => 1);
    const feeds = feedsFor(model);
    expectClose(await runModel(permuted, feeds), await runModel(model, feeds));
  }));

describe('concat', () => {
  test('of a model with itself is its own function', () =>
    forNets(async (net) => {
      const model = trained(net, 1);
      const wide = widened(net, () => concat([model, model, model], { exact: true }).model);
      if (!wide) return;
      expect(groupSizes(wide)).toEqual(groupSizes(model).map((size) => 3 * size));
      const feeds = feedsFor(model);
      expectClose(await runModel(wide, feeds), await runModel(model, feeds));
    }));

  test('is the mean of the members, of other widths too', () =>
    forNets(async (net) => {
      const members = [trained(net, 1), trained(net, 2, 2)];
      const weights = [0.25, 0.75];
      const wide = widened(net, () => concat(members, { exact: true, weights }).model);
      if (!wide) return;
      const feeds = feedsFor(wide);
      const results = await Promise.all(members.map((member) => runModel(member, feeds)));
      expectClose(await runModel(wide, feeds), meanOf(results, weights));
    }));
});

describe('transplant', () => {
  test('has the widths of its template and can be fused again', () =>
    forNets(async (net) => {
      const members = [trained(net, 1), trained(net, 2)];
      const fused = transplant(members, L2).model;
      verifyModel(fused);
      expect(groupSizes(fused)).toEqual(groupSizes(members[0] as Model));
      await runModel(transplant([fused, ...members], { ...L2, strategy: 'iterative' }).model);
    }));

  test('of a model with itself is valid and of its size', () =>
    forNets(async (net) => {
      const model = trained(net, 1);
      const fused = transplant([model, model], L2).model;
      expect(groupSizes(fused)).toEqual(groupSizes(model));
      await runModel(fused);
    }));

  test('of all neurons is the concatenation', () =>
    forNets(async (net) => {
      const members = [trained(net, 1), trained(net, 2)];
      const wide = widened(net, () => concat(members, { exact: true }).model);
      if (wide) await expectIdentical(transplant(members, { ...L2, ratio: 0 }).model, wide);
    }));

  test.each(['layer', 'global'] as const)('with nothing from the others is the first member (%s)', (scope) =>
    forNets(async (net) => {
      const members = [trained(net, 1), trained(net, 2)];
      const fused = transplant(members, { ...L2, scope, transfer: 0, weights: [1, 0] }).model;
      const feeds = feedsFor(fused);
      expectClose(await runModel(fused, feeds), await runModel(members[0] as Model, feeds));
    }),
  );
});

test('the average of a model with itself is that model', () =>
  forNets(async (net) => {
    const model = trained(net, 1);
    await expectIdentical(average([model, model], {}).model, model);
  }));

test('an ensemble computes the mean', () =>
  forNets(async (net) => {
    const members = [trained(net, 1), trained(net, 2, 2), trained(net, 3)];
    const weights = [1, 2, 5];
    const feeds = feedsFor(members[0] as Model);
    const results = await Promise.all(members.map((member) => runModel(member, feeds)));
    expectClose(await runModel(ensemble(members, {}).model, feeds), meanOf(results));
    const shares = weights.map((weight) => weight / 8);
    expectClose(await runModel(ensemble(members, { weights }).model, feeds), meanOf(results, shares));
  }));

test('untying twice is untying once', () =>
  forNets((net) => {
    const once = untie(trained(net, 1));
    expect(untie(once)).toBe(once);
  }));
