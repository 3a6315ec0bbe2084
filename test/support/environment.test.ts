import { expect, test } from '@jest/globals';
import { InferenceSession, Tensor } from 'onnxruntime-node';

test('a Relu network runs in ONNX Runtime inside jest', async () => {
  const session = await InferenceSession.create('fixtures/members/digits-mlp0.onnx');
  const input = new Tensor(
    'float32',
    Float32Array.from({ length: 64 }, (_, i) => (i % 16) / 16),
    [1, 1, 8, 8],
  );
  const { logits } = await session.run({ input });
  expect(logits?.dims).toEqual([1, 10]);
  expect(logits?.data).toBeInstanceOf(Float32Array);
});
