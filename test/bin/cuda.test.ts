/** On a machine with a GPU and CUDA: what the CPU computes. Elsewhere these are skipped. */
import { describe, expect, test } from '@jest/globals';
import { tryInChild } from '../../lib/machine/try-provider.js';
import { temporaryFolder } from '../support/folder.js';
import { member, run, runAfter } from './program.js';

const { works } = await tryInChild('cuda', { timeoutSeconds: 60 });
const folder = temporaryFolder();

/** A training lets NVIDIA's libraries round unless it is told. */
const IN_FULL = `process.env.NVIDIA_TF32_OVERRIDE = '0'`;

(works ? describe : describe.skip)('on cuda', () => {
  // 1e-3 off with NVIDIA's default, which rounds the factors of products to 11 bits.
  test.each([member('digits-mlp0'), member('digits-cnn0'), 'fixtures/zoo/attention/legacy-0.onnx'])(
    '%s gives the same outputs',
    async (path) => {
      const { code, stderr } = await run('validate', path, '--ep', 'cuda', '--against-ep', 'cpu');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    },
  );

  test.each(['1', '4'])('a training in runs of %s steps learns the same', async (steps) => {
    const train = async (ep: string) => {
      const words = ['--data', 'fixtures/data/digits', '--epochs', '2', '--steps-per-run', steps, '--json'];
      const output = folder.at(`${ep}-${steps}.onnx`);
      const { code, stdout, stderr } = await runAfter(
        IN_FULL,
        'train',
        member('digits-cnn0'),
        ...words,
        '--ep',
        ep,
        '-o',
        output,
      );
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const { history } = JSON.parse(stdout) as { history: readonly { loss: number }[] };
      return history.map(({ loss }) => loss);
    };
    const [expected, actual] = [await train('cpu'), await train('cuda')];
    expect(actual).toHaveLength(2);
    actual.forEach((loss, i) => {
      expect(Math.abs(loss - (expected[i] as number))).toBeLessThan(1e-5);
    });
  });
});
