import { expect, test } from '@jest/globals';
import { readNpz } from '../../lib/data/npz.js';
import { compareOutputs } from '../../lib/runtime/compare.js';
import { withSession } from '../../lib/runtime/session.js';

test.each(['digits-mlp0', 'digits-cnn0'])('%s computes what PyTorch computes', async (name) => {
  const { input, logits } = Object.fromEntries(await readNpz(`fixtures/expected/${name}.npz`));
  if (!input || !logits) throw new Error('the fixture lacks an array');
  const outputs = await withSession(`fixtures/members/${name}.onnx`, {}, (session) =>
    session.run(new Map([['input', input]])),
  );
  const { within, outputs: compared } = compareOutputs(outputs, new Map([['logits', logits]]));
  expect(within).toBe(true);
  expect(compared[0]?.elements).toBe(320);
  expect(compared[0]?.maxAbs).toBeLessThan(2e-5);
});
