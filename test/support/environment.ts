/**
 * Jest runs each test file in a realm of its own, with its own Float32Array; ONNX Runtime's native part accepts only those
 * of the host. So the realm is given the host's buffers and typed arrays.
 */
import { TestEnvironment } from 'jest-environment-node';

const HOST = {
  ArrayBuffer,
  SharedArrayBuffer,
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
};

export default class HostArrays extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    Object.assign(this.global, HOST);
  }
}
