/** Scores and choices against torch-pruning 1.6.1, on nets of fixtures/importance (scripts/references/importance.py). */
import { describe, expect, test } from '@jest/globals';
import type { Importance, ImportanceOptions } from '../../../lib/analysis/importance/index.js';
import { measureActivations } from '../../../lib/commands/activations.js';
import { loadMember } from '../../../lib/commands/load.js';
import { readNpz } from '../../../lib/data/npz.js';
import { memoryBytes } from '../../../lib/ir/bytes.js';
import type { Tensor } from '../../../lib/ir/model.js';
import { toReals } from '../../../lib/ir/ndarray.js';
import { familyToPrune, type PruneOptions, prune } from '../../../lib/transforms/prune.js';
import { PRUNE } from '../../support/oracle.js';

const model = (name: string) => loadMember(`fixtures/importance/${name}.onnx`);
const arraysOf = (name: string) => readNpz(`fixtures/importance/${name}.npz`);

async function reference(net: string, name: string): Promise<readonly number[]> {
  const array = (await arraysOf(net)).get(name);
  if (!array) throw new Error(`no ${name} in the reference`);
  return [...toReals(array, name)];
}

const options = (rest: Partial<PruneOptions>): PruneOptions => ({
  ...PRUNE,
  factors: 'inner',
  importance: 'l2',
  ...rest,
});

/** Scores of all groups one behind the other, normalised as they are compared. */
const scores = (net: string, rest: Partial<ImportanceOptions>): readonly number[] =>
  prune(model(net), options(rest)).ranking.flatMap((group) => [...group.scores]);

/** 1 for each neuron that stays, of all groups one behind the other. */
const stays = (net: string, rest: Partial<PruneOptions>): readonly number[] =>
  prune(model(net), options(rest)).ranking.flatMap((group) =>
    [...group.scores.keys()].map((at) => (group.kept.includes(at) ? 1 : 0)),
  );

/** A list cut into the groups of a net. */
async function byGroup(net: string, all: readonly number[]): Promise<readonly (readonly number[])[]> {
  const sizes = await reference(net, 'sizes');
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b));
  return sizes.map((size, i) => all.slice((ends[i] as number) - size, ends[i]));
}

/** The largest relative difference. */
const apart = (ours: readonly number[], theirs: readonly number[]): number => {
  expect(ours).toHaveLength(theirs.length);
  return Math.max(...ours.map((score, i) => (score === theirs[i] ? 0 : Math.abs(score / (theirs[i] as number) - 1))));
};

describe('scores', () => {
  test.each<readonly [string, Importance]>([
    ['plain', 'l2'],
    ['plain', 'l1'],
    ['plain', 'lamp'],
    ['plain', 'fpgm'],
    ['grouped', 'l2'],
    ['grouped', 'l1'],
  ])('of %s by %s', async (net, importance) => {
    expect(apart(scores(net, { importance }), await reference(net, importance))).toBeLessThan(1e-5);
  });

  test('by taylor, with gradients from PyTorch', async () => {
    const gradients = new Map(
      [...(await arraysOf('grouped'))].flatMap(([key, { dtype, dims, data }]): readonly [string, Tensor][] => {
        const [, name] = /^grad\.(.+)$/.exec(key) ?? [];
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        return name ? [[name, { name, dtype, dims, data: memoryBytes(bytes) }]] : [];
      }),
    );
    const ours = scores('grouped', { importance: 'taylor', gradients: [gradients] });
    expect(apart(ours, await reference('grouped', 'taylor'))).toBeLessThan(1e-5);
  });

  test.each(['plain', 'grouped'])('of %s by activation, with activations from PyTorch', async (net) => {
    const data = `fixtures/importance/${net}.npz`;
    const moments = await measureActivations([familyToPrune(model(net)).template], { data, batch: 4 });
    const ours = scores(net, { importance: 'activation', moments });
    // The reference is not normalised.
    const means = (await byGroup(net, await reference(net, 'activation'))).flatMap((part) => {
      const mean = part.reduce((a, b) => a + b) / part.length;
      return part.map((score) => score / mean);
    });
    expect(apart(ours, means)).toBeLessThan(1e-5);
  });
});

describe('what stays', () => {
  test.each<readonly [string, string, Partial<PruneOptions>]>([
    ['plain', 'global', { scope: 'global' }],
    ['plain', 'isomorphic', { scope: 'global', isomorphic: true }],
    ['grouped', 'global', { scope: 'global' }],
    ['grouped', 'isomorphic', { scope: 'global', isomorphic: true }],
  ])('of %s: %s', async (net, name, rest) => {
    expect(stays(net, rest)).toEqual(await reference(net, name));
  });

  test('with widths that are multiples of 4, where torch-pruning does not leave the layer whole', async () => {
    const theirs = await byGroup('plain', await reference('plain', 'round4'));
    const ours = await byGroup('plain', stays('plain', { ratio: 0.4, roundTo: 4 }));
    const cut = [...theirs.keys()].filter((group) => theirs[group]?.includes(0));
    expect(cut).toHaveLength(3);
    for (const group of cut) expect(ours[group]).toEqual(theirs[group]);
    // int(6 * 0.6) = 3 is no multiple: torch-pruning keeps all, here the next multiple stays.
    const whole = ours.filter((_, group) => !cut.includes(group));
    expect(whole.map((group) => group.filter(Boolean).length)).toEqual([4, 4]);
  });
});
