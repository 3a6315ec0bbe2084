/** `prune` file to file: what its options do to the widths, and what it tells. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Progress } from '../../lib/commands/options.js';
import { type PruneOptions, prune } from '../../lib/commands/prune.js';
import { DOUBLE } from '../../lib/ir/dtype.js';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { type Blueprint, build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { halves, int64s, randomly } from '../support/weights.js';

const folder = temporaryFolder();
const cnn = 'fixtures/members/digits-cnn0.onnx';

const written = (name: string, print: Blueprint): string => folder.put(`${name}.onnx`, encodeModel(build(print)));

const kept = async (path: string, options: PruneOptions) => {
  const { groups } = await prune(path, { ...options, dryRun: true });
  return groups.map((group) => group.kept);
};

/** Two heads of three features: 0 to 2 and 3 to 5. */
const heads: Blueprint = {
  inputs: { x: ['batch', 4] },
  weights: { w: [4, 6], split: int64s([-1, 2, 3]), join: int64s([-1, 6]), v: [6, 2] },
  nodes: ['h = MatMul(x, w)', 's = Reshape(h, split)', 'r = Tanh(s)', 'j = Reshape(r, join)', 'y = MatMul(j, v)'],
};

describe('options', () => {
  test.each<readonly [string, PruneOptions, readonly number[]]>([
    ['ratio', { ratio: 0.5 }, [4, 8]],
    ['ratioFor alone', { ratioFor: { 'conv2.bias': 0.75 } }, [8, 4]],
    ['roundTo', { ratio: 0.4, roundTo: 4 }, [4, 8]],
    ['maxRatio', { ratio: 0.9, maxRatio: 0.5 }, [4, 8]],
    ['ignore, by a node', { ratio: 0.5, ignore: ['/conv1/Conv'] }, [8, 8]],
    ['isomorphic, which pools nothing here', { ratio: 0.5, isomorphic: true }, [4, 8]],
  ])('%s', async (_, options, expected) => {
    expect(await kept(cnn, options)).toEqual(expected);
  });

  test('heads: whole ones, or the same feature of each', async () => {
    const path = written('heads', heads);
    expect(await kept(path, { ratio: 0.5, heads: true })).toEqual([1]);
    expect(await kept(path, { ratio: 0.4 })).toEqual([1]);
    expect((await prune(path, { ratio: 0.5, heads: true, dryRun: true })).expected.parameters).toBe(4 * 3 + 3 * 2);
    expect((await prune(path, { ratio: 0.3, dryRun: true })).expected.parameters).toBe(4 * 4 + 4 * 2);
  });

  test.each<readonly [string, PruneOptions, RegExp]>([
    ['nothing to drop', {}, /how much/],
    ['a ratio of all', { ratio: 1 }, /--ratio is a share/],
    ['a ratio of all for a name', { ratioFor: { fc: 1 } }, /--ratio-for "fc" is a share/],
    ['a ceiling above all', { ratio: 0.5, maxRatio: 1.5 }, /--max-ratio is a share/],
    ['multiples of a half', { ratio: 0.5, roundTo: 0.5 }, /--round-to is a whole number/],
    ['layers that compete with their like', { ratio: 0.5, isomorphic: true, scope: 'layer' }, /--isomorphic/],
  ])('refused: %s', async (_, options, message) => {
    await expect(prune(cnn, { ...options, dryRun: true })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
    });
  });
});

describe('a size to reach', () => {
  const sizes = async (options: PruneOptions) => {
    const { ratio, target, before, after, expected, notes } = await prune(cnn, { ...options, dryRun: true });
    expect(expected.parameters).toBe(after.parameters);
    return { ratio, target, before, after, notes };
  };

  test.each(['layer', 'global'] as const)('in parameters, with scope %s', async (scope) => {
    const { ratio, target, before, after } = await sizes({ targetParams: '50%', scope });
    expect(target).toEqual({ what: 'parameters', most: 1957 });
    expect(before).toEqual({ parameters: 3914, macs: 25600 });
    expect(after.parameters).toBeLessThanOrEqual(1957);
    const again = await sizes({ ratio, scope });
    expect(again.after).toEqual(after);
    expect((await sizes({ ratio: ratio - 0.1, scope })).after.parameters).toBeGreaterThan(1957);
  });

  test('in multiply-accumulates', async () => {
    const { after, target } = await sizes({ targetMacs: 9000 });
    expect(target).toEqual({ what: 'MACs', most: 9000 });
    expect(after.macs).toBe(8928);
  });

  test('beside ratios of single groups, multiples and names to ignore', async () => {
    expect((await sizes({ targetParams: 3000, ignore: ['conv1.bias'] })).after.parameters).toBeLessThanOrEqual(3000);
    expect((await sizes({ targetParams: 3000, roundTo: 4 })).after.parameters).toBeLessThanOrEqual(3000);
    expect((await sizes({ targetParams: 3000, ratioFor: { 'conv1.bias': 0.5 } })).after.parameters).toBeLessThanOrEqual(
      3000,
    );
  });

  test('that it has already', async () => {
    const { ratio, notes } = await sizes({ targetParams: '100%' });
    expect({ ratio, notes }).toEqual({ ratio: 0, notes: [expect.stringMatching(/no neuron had to go/)] });
  });

  test('that cannot be', async () => {
    const refused = { code: 'SELECTION_SIZE', message: expect.stringMatching(/cannot come down to 10 MACs.* has 880/) };
    await expect(sizes({ targetMacs: 10 })).rejects.toMatchObject(refused);
    await expect(sizes({ targetParams: '20%', maxRatio: 0.1 })).rejects.toMatchObject({ code: 'SELECTION_SIZE' });
  });

  test.each<readonly [PruneOptions, RegExp]>([
    [{ targetParams: '50%', ratio: 0.5 }, /--ratio and --target-params exclude/],
    [{ targetParams: '50%', targetMacs: '50%' }, /exclude each other/],
    [{ targetParams: 'half' }, /--target-params takes a number/],
    [{ targetMacs: '-5%' }, /--target-macs takes a number/],
    [{ targetMacs: '' }, /--target-macs takes a number/],
  ])('is refused: %j', async (options, message) => {
    await expect(sizes(options)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) });
  });
});

describe('a proof by masking', () => {
  test('tells how near the two are', async () => {
    const output = folder.at('proved.onnx');
    const { mask, notes } = await prune(cnn, { ratio: 0.5, mask: true, output });
    expect(mask).toMatchObject({ tolerance: 1e-4, inexact: [] });
    expect(mask?.difference).toBeLessThan(1e-5);
    expect(notes).toEqual([]);
    expect((await prune(cnn, { ratio: 0.5, dryRun: true })).mask).toBeUndefined();
  });

  test('is only a comparison where neurons influence each other', async () => {
    const path = written('normed', {
      inputs: { x: ['batch', 4] },
      weights: { w: [4, 6], gain: [6], v: [6, 2] },
      nodes: ['h = MatMul(x, w)', 'n = LayerNormalization(h, gain)', 'y = MatMul(n, v)'],
    });
    const { mask } = await prune(path, { ratio: 0.5, mask: true, dryRun: true });
    expect(mask?.inexact).toEqual(['LayerNormalization normalises over these neurons together']);
    expect(mask?.difference).toBeGreaterThan(1e-3);
  });

  test('in half precision allows for its rounding', async () => {
    const path = written('half', {
      inputs: { 'x: float16': ['batch', 4] },
      outputs: ['y: float16'],
      weights: {
        w: halves(
          Array.from({ length: 48 }, (_, i) => Math.sin(i)),
          [4, 12],
        ),
        v: halves(
          Array.from({ length: 24 }, (_, i) => Math.cos(i)),
          [12, 2],
        ),
      },
      nodes: ['h = MatMul(x, w)', 'r = Relu(h)', 'y = MatMul(r, v)'],
    });
    const { mask } = await prune(path, { ratio: 0.5, mask: true, dryRun: true });
    expect(mask).toMatchObject({ tolerance: 0.02, inexact: [] });
  });

  test('can be stopped', async () => {
    const stop = new AbortController();
    const onProgress = ({ stage }: Progress) => {
      if (stage.startsWith('comparing')) stop.abort();
    };
    const stopped = prune(cnn, { ratio: 0.5, mask: true, dryRun: true, onProgress, signal: stop.signal });
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('that fails leaves nothing behind', async () => {
    // What a wrong model is refused with: test/attacks. Here the runtime itself refuses.
    const output = folder.at('never.onnx');
    const broken = 'fixtures/refused/unknown-op.onnx';
    await expect(prune(broken, { ratio: 0.5, mask: true, validate: false, output })).rejects.toMatchObject({
      code: 'RUNTIME_LOAD',
    });
    expect(existsSync(output)).toBe(false);
  });
});

test('a model of a type that ONNX Runtime has no kernels for is refused with a way to go on', async () => {
  const weights = { w: randomly([4, 6, 1], DOUBLE), v: randomly([3, 4, 1], DOUBLE) };
  const path = written('wide', {
    inputs: { 'x: float64': ['batch', 6, 5] },
    outputs: ['y: float64'],
    weights,
    nodes: ['h = Conv(x, w)', 'r = Relu(h)', 'y = Conv(r, v)'],
  });
  const output = folder.at('narrow.onnx');
  await expect(prune(path, { ratio: 0.5, output })).rejects.toMatchObject({
    code: 'RUNTIME_LOAD',
    advice: expect.stringMatching(/--no-validate/),
  });
  expect(existsSync(output)).toBe(false);
  const report = await prune(path, { ratio: 0.5, output, validate: false });
  expect(report.output).toMatchObject({ path: output, validated: false });
  expect(readModel(output).graph.initializers.get('w')).toMatchObject({ dtype: DOUBLE, dims: [2, 6, 1] });
});
