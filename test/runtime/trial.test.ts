import { describe, expect, test } from '@jest/globals';
import { FLOAT } from '../../lib/ir/dtype.js';
import { ndarray } from '../../lib/ir/ndarray.js';
import { tryModel } from '../../lib/runtime/trial.js';
import { unary } from './models.js';

const member = (name: string) => `fixtures/members/${name}.onnx`;

describe('tryModel', () => {
  test('runs a model on inputs that its seed decides', async () => {
    const [first, again, other] = [
      await tryModel(member('digits-cnn0'), { seed: 1, batch: 3 }),
      await tryModel(member('digits-cnn0'), { seed: 1, batch: 3, lean: true }),
      await tryModel(member('digits-cnn0'), { seed: 2, batch: 3 }),
    ];
    expect(first.feeds.get('input')?.dims).toEqual([3, 1, 8, 8]);
    expect(first.outputs.get('logits')?.dims).toEqual([3, 10]);
    expect(first).toMatchObject({ nonfinite: [], mixed: false });
    expect(again.feeds).toEqual(first.feeds);
    expect(other.outputs).not.toEqual(first.outputs);
  });

  test('notes outputs that are not finite', async () => {
    const feeds = new Map([['x', ndarray(FLOAT, [2], Float32Array.of(-1, 4))]]);
    const { nonfinite, outputs } = await tryModel(unary('Sqrt', [2]), { feeds });
    expect(nonfinite).toEqual(['y']);
    expect(outputs.get('y')?.data).toEqual(Float32Array.of(Number.NaN, 2));
  });
});
