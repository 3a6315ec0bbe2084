import { describe, expect, test } from '@jest/globals';
import { evaluateModel } from '../../lib/commands/evaluate-model.js';
import { feedShape } from '../../lib/commands/feeding.js';
import { openDataset } from '../../lib/data/dataset.js';
import { datasetOf, floatSource } from '../../lib/data/samples.js';
import { symbol } from '../../lib/ir/dim.js';
import { DOUBLE, FLOAT } from '../../lib/ir/dtype.js';
import { linear, tinyModel } from '../runtime/models.js';

const member = (name: string) => `fixtures/members/${name}.onnx`;
const test360 = () => openDataset('fixtures/data/digits', { split: 'test' });

/** Five samples whose largest element is that of their label, but for the last. */
const five = datasetOf(
  floatSource('five', Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1, 1, 0), [2], Int32Array.of(0, 1, 0, 1, 1)),
  {},
);

const IDENTITY = [
  [1, 0],
  [0, 1],
] as const;

describe('accuracy as PyTorch has it (360 samples)', () => {
  test.each([
    ['digits-mlp0', 349],
    ['digits-mlp3', 354],
    ['digits-cnn0', 357],
    ['digits-cnn1-folded', 357],
  ])('%s: %d right', async (name, right) => {
    const { accuracy, samples, mixed } = await evaluateModel(member(name), await test360());
    expect({ right: Math.round(accuracy * samples), samples, mixed }).toEqual({ right, samples: 360, mixed: false });
  });
});

describe('batches', () => {
  test('of any size give the same', async () => {
    const data = await test360();
    const one = await evaluateModel(member('digits-mlp0'), data, { batch: 360 });
    const many = await evaluateModel(member('digits-mlp0'), data, { batch: 7 });
    expect(many.accuracy).toBe(one.accuracy);
    expect(many.loss).toBeCloseTo(one.loss, 6);
  });

  test('fill a model of fixed batch', async () => {
    const free = await evaluateModel(linear(IDENTITY), five);
    const fixed = await evaluateModel(linear(IDENTITY, 2), five);
    expect(free).toMatchObject({ accuracy: 0.8, samples: 5 });
    expect(free.loss).toBeCloseTo(Math.log(1 + Math.E) - 0.8, 6);
    expect(fixed).toEqual(free);
  });

  test('are reported, and can be stopped', async () => {
    const seen: string[] = [];
    const stop = new AbortController();
    const onProgress = (done: number, total: number) => {
      seen.push(`${done}/${total}`);
      if (done === 4) stop.abort();
    };
    const stopped = evaluateModel(linear(IDENTITY), five, { batch: 2, onProgress, signal: stop.signal });
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED', kind: 'cancelled' });
    expect(seen).toEqual(['2/5', '4/5']);
  });
});

describe('a data set that does not fit', () => {
  test('in shape', async () => {
    const evaluated = evaluateModel(
      linear([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      five,
    );
    await expect(evaluated).rejects.toMatchObject({
      code: 'DATA_MISMATCH',
      message: expect.stringMatching(/\[batch, 3\]/),
    });
  });

  test('in classes', async () => {
    await expect(evaluateModel(linear([[1], [1]]), five)).rejects.toMatchObject({ code: 'DATA_MISMATCH' });
  });
});

describe('feedShape', () => {
  const input = (...rest: number[]) => ({ name: 'x', dtype: FLOAT, shape: [symbol('batch'), ...rest] });

  test.each([
    [
      [1, 8, 8],
      [1, 8, 8],
    ],
    [
      [1, 8, 8],
      [8, 8],
    ],
    [
      [8, 8],
      [1, 8, 8],
    ],
  ])('samples %j fit an input %j', (sample, rest) => {
    expect(feedShape(input(...rest), sample)).toEqual(rest);
  });

  test.each([
    [[1, 8, 8], [64]],
    [
      [3, 8, 8],
      [1, 8, 8],
    ],
    [
      [2, 8, 8],
      [8, 8],
    ],
    [
      [1, 8, 8],
      [1, 8, 9],
    ],
  ])('samples %j do not fit an input %j', (sample, rest) => {
    expect(() => feedShape(input(...rest), sample)).toThrow(expect.objectContaining({ code: 'DATA_MISMATCH' }));
  });

  test('open axes take any length, other types take nothing', () => {
    const open = { name: 'x', dtype: FLOAT, shape: [symbol('n'), symbol('c'), symbol('l')] };
    expect(feedShape(open, [4, 9])).toEqual([4, 9]);
    expect(() => feedShape({ ...open, dtype: DOUBLE }, [4, 9])).toThrow(/float64/);
  });
});

describe('several inputs or outputs', () => {
  const twoOutputs = tinyModel({
    nodes: [
      ['Identity', ['x'], ['right']],
      ['Neg', ['x'], ['wrong']],
    ],
    inputs: [{ name: 'x', dims: ['batch', 2] }],
    outputs: ['right', 'wrong'].map((name) => ({ name, dims: ['batch', 2] })),
  });

  test('must be chosen', async () => {
    await expect(evaluateModel(twoOutputs, five)).rejects.toMatchObject({
      code: 'USAGE',
      advice: expect.stringMatching(/right.*wrong/),
    });
    await expect(evaluateModel(twoOutputs, five, { output: 'none' })).rejects.toMatchObject({ code: 'USAGE' });
    expect((await evaluateModel(twoOutputs, five, { output: 'right' })).accuracy).toBe(0.8);
    expect((await evaluateModel(twoOutputs, five, { output: 'wrong', input: 'x' })).accuracy).toBeCloseTo(0.2);
  });
});
