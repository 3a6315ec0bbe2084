/** Nets as PyTorch's two exporters write them: pruned, fused and concatenated, each result run and held against what it must compute. */
import { describe, expect, test } from '@jest/globals';
import { checkNet } from '../scripts/zoo/check.js';
import { checkTorch } from '../scripts/zoo/torch-pruning/table.js';
import { fixturePath } from './support/manifest.js';

const NETS = [
  'attention',
  'conv1d',
  'dense-concat',
  'grouped-conv',
  'lstm',
  'norm-gelu-mlp',
  'shuffle',
  'skip-concat',
  'squeeze-excite',
  'tied-embedding',
  'two-inputs',
];

describe.each(NETS)('%s', (net) => {
  test('computes what it must from both exporters', async () => {
    const results = await checkNet(fixturePath(`zoo/${net}`), net);
    expect(results.map(({ exporter }) => exporter)).toEqual(['legacy', 'dynamo']);
    const steps = results.flatMap((result) => result.steps);
    expect([...new Set(steps.map(({ name }) => name))]).toEqual(
      expect.arrayContaining(['identity', 'prune', 'fuse 2', 'fuse both', 'concat']),
    );
    expect(steps.filter(({ kind }) => kind === 'refused' || kind === 'wrong')).toEqual([]);
  });
});

describe('torch-pruning makes the same of the same weights', () => {
  test.each(['attention', 'conv1d', 'dense-concat', 'grouped-conv', 'skip-concat', 'squeeze-excite'])(
    '%s',
    async (net) => {
      const checked = await checkTorch(fixturePath(`zoo/${net}`), net);
      expect(checked.map(({ exporter }) => exporter)).toEqual(['legacy', 'dynamo']);
      for (const { compared } of checked) {
        expect(compared.off).toBeLessThan(1e-5);
        expect(compared.same.length).toBeGreaterThan(0);
        expect([...compared.other, ...compared.unknown]).toEqual([]);
      }
    },
  );
});
