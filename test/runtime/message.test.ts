import { expect, test } from '@jest/globals';
import { runtimeMessage } from '../../lib/runtime/message.js';

const clean = (message: string) => runtimeMessage({ message, __proto__: Error.prototype });

test.each([
  [
    'Load model from m.onnx failed:/onnxruntime_src/onnxruntime/core/graph/model.cc:202 onnxruntime::Model::Model(' +
      'onnx::ModelProto&&, const onnxruntime::PathString&, const onnxruntime::logging::Logger&) Unsupported model IR ' +
      'version: 99, max supported IR version: 13\n',
    'Unsupported model IR version: 99, max supported IR version: 13',
  ],
  [
    "Non-zero status code returned while running Reshape node. Name:'' Status Message: /onnxruntime_src/core/providers/" +
      'cpu/tensor/reshape_helper.h:84 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, bool) ' +
      'size != 0 && (input_shape_size % size) == 0 was false. Input shape:{2,4}, requested shape:{7,-1}\n',
    "Non-zero status code returned while running Reshape node. Name:'' Status Message: size != 0 && " +
      '(input_shape_size % size) == 0 was false. Input shape:{2,4}, requested shape:{7,-1}',
  ],
  [
    'C:\\a\\_work\\webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const Config&)::<lambda()> ' +
      'Failed to get an adapter\n',
    'Failed to get an adapter',
  ],
  ["[ONNXRuntimeError] : 1 : FAIL : Load model m.onnx failed. File doesn't exist", "File doesn't exist"],
  ['Got invalid dimensions:\n index: 2 Got: 9 Expected: 8\n', 'Got invalid dimensions: index: 2 Got: 9 Expected: 8'],
  ['plain', 'plain'],
])('%j', (message, expected) => {
  expect(clean(message)).toBe(expected);
});

test('a long message is cut, control characters go', () => {
  expect(clean('x'.repeat(2000))).toHaveLength(501);
  expect(clean('a\u001b[31mb\u202ec')).toBe('a [31mb c');
});

test('what is thrown need not be an Error', () => {
  expect(runtimeMessage('text')).toBe('text');
});
