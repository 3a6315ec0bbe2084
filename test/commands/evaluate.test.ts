import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { evaluate } from '../../lib/commands/evaluate.js';
import type { Progress } from '../../lib/commands/options.js';
import { temporaryFolder } from '../support/folder.js';
import { npz } from '../support/npz.js';
import { pngOf } from '../support/png.js';
import { refusal } from '../support/refused.js';

const folder = temporaryFolder();
const member = (name: string) => `fixtures/members/${name}.onnx`;
const data = 'fixtures/data/digits';

test('several models on the test split, as PyTorch has it', async () => {
  const paths = [member('digits-mlp0'), member('digits-cnn0')];
  const { schema, models, notes } = await evaluate(paths, { data });
  expect({ schema, notes }).toEqual({ schema: 'onnx-transplant/evaluate@1', notes: [] });
  expect(models.map(({ path, accuracy, samples }) => [path, Math.round(accuracy * samples), samples])).toEqual([
    [paths[0], 349, 360],
    [paths[1], 357, 360],
  ]);
});

test('another split, some samples', async () => {
  const { models } = await evaluate([member('digits-mlp0')], { data, split: 'train', samples: 100, seed: 3 });
  expect(models).toMatchObject([{ samples: 100 }]);
});

test('normalised as the member was not trained, it is worse', async () => {
  const normalize = { mean: [0.5], std: [0.1] };
  const [plain, moved] = [
    await evaluate([member('digits-mlp0')], { data }),
    await evaluate([member('digits-mlp0')], { data, normalize }),
  ];
  expect(moved.models[0]?.loss).toBeGreaterThan(10 * (plain.models[0]?.loss ?? 0));
});

describe('refusals', () => {
  test.each([
    ['no model', [], {}, 'USAGE'],
    ['a batch of none', [member('digits-mlp0')], { batch: 0 }, 'USAGE'],
    ['no such data', [member('digits-mlp0')], { data: 'no/such' }, 'FILE_SYSTEM'],
    ['no such output', [member('digits-mlp0')], { output: 'scores' }, 'USAGE'],
    ['no such model', ['no/such.onnx'], {}, 'RUNTIME_LOAD'],
  ])('%s', async (_, paths, options, code) => {
    await expect(evaluate(paths, { data, ...options })).rejects.toMatchObject({ code });
  });
});

test('a folder of images is read in the channels that the model takes', async () => {
  const root = folder.at('colours');
  mkdirSync(join(root, 'a'), { recursive: true });
  writeFileSync(join(root, 'a', '1.png'), pngOf(8, new Array<number>(192).fill(100), 2));
  const grey = folder.at('greys');
  mkdirSync(join(grey, 'a'), { recursive: true });
  writeFileSync(join(grey, 'a', '1.png'), pngOf(8, new Array<number>(64).fill(100)));
  const [colours, greys] = [
    await evaluate([member('digits-cnn0')], { data: root }),
    await evaluate([member('digits-cnn0')], { data: grey }),
  ];
  expect(colours.models).toEqual(greys.models);
});

test('targets are no classes', async () => {
  const input = { descr: '<f4', shape: [1, 1, 8, 8], bytes: new Uint8Array(256) };
  const label = { descr: '<f4', shape: [1, 10], bytes: new Uint8Array(40) };
  const path = folder.put('targets.npz', npz({ input, label }));
  const evaluated = evaluate([member('digits-mlp0')], { data: path });
  await expect(evaluated).rejects.toThrow(refusal('DATA_MISMATCH', 'not one class for each sample'));
});

test('the work is told, and can be stopped', async () => {
  const seen: Progress[] = [];
  const stop = new AbortController();
  const onProgress = (progress: Progress) => {
    seen.push(progress);
    if (progress.done === 128) stop.abort();
  };
  const stopped = evaluate([member('digits-mlp0')], { data, onProgress, signal: stop.signal });
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(seen.map(({ done, total }) => `${done}/${total}`)).toEqual(['0/1', '64/360', '128/360']);
});
