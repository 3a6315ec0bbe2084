/** Attacks on reading: links, pipes, devices, files without end, files that change. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, linkSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from '../../lib/commands/inspect.js';
import { prune } from '../../lib/commands/prune.js';
import { parseModel, readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { readFixture } from '../support/manifest.js';
import {
  block,
  filled,
  graph,
  int,
  join as joined,
  model,
  packed,
  relu,
  tag,
  tensor,
  varint,
} from '../support/wire.js';
import type { Attack } from './attack.js';

const put = (folder: string, name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

/** A model whose weight is 16 bytes at `location`. */
const pointing = (folder: string, location: string): string =>
  put(folder, 'model.onnx', relu({ initializers: [tensor({ dims: [4], external: { location } })] }));

const outside = '../outside.data';

/** The folder of the model, with a file outside of it that must not be reached. */
function below(folder: string): string {
  put(folder, 'outside.data', filled(16));
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  return inner;
}

const links: readonly Attack[] = [
  {
    name: 'external data is a link to a file outside',
    code: 'EXTERNAL_FILE',
    run: (folder) => {
      const inner = below(folder);
      symlinkSync(outside, join(inner, 'w.data'));
      readModel(pointing(inner, 'w.data'));
    },
  },
  {
    name: 'the folder of external data is a link to one outside',
    code: 'EXTERNAL_PATH',
    run: (folder) => {
      const inner = below(folder);
      symlinkSync('..', join(inner, 'up'));
      readModel(pointing(inner, 'up/outside.data'));
    },
  },
  {
    name: 'external data is a hard link to a file outside',
    code: 'EXTERNAL_FILE',
    run: (folder) => {
      const inner = below(folder);
      linkSync(join(folder, 'outside.data'), join(inner, 'w.data'));
      readModel(pointing(inner, 'w.data'));
    },
  },
  {
    name: 'external data is a pipe that nobody writes to',
    code: 'EXTERNAL_FILE',
    run: (folder) => {
      execFileSync('mkfifo', [join(folder, 'w.data')]);
      readModel(pointing(folder, 'w.data'));
    },
  },
  {
    name: 'the model is a pipe that nobody writes to',
    code: 'NOT_ONNX',
    run: (folder) => {
      execFileSync('mkfifo', [join(folder, 'model.onnx')]);
      readModel(join(folder, 'model.onnx'));
    },
  },
  { name: 'the model is a device without end', code: 'NOT_ONNX', run: () => readModel('/dev/zero') },
  { name: 'the model is a folder', code: 'NOT_ONNX', run: (folder) => readModel(folder) },
  { name: 'the model does not exist', code: 'FILE_SYSTEM', run: (folder) => inspect(join(folder, 'none.onnx')) },
  {
    name: 'the model is a link to itself',
    code: 'FILE_SYSTEM',
    run: (folder) => {
      symlinkSync('model.onnx', join(folder, 'model.onnx'));
      readModel(join(folder, 'model.onnx'));
    },
  },
];

const sizes: readonly Attack[] = [
  {
    name: 'a model of 3 GB with holes',
    code: 'TOO_LARGE',
    run: (folder) => {
      const path = put(folder, 'model.onnx', relu());
      truncateSync(path, 3 * 2 ** 30);
      readModel(path);
    },
  },
  {
    name: 'external data of a petabyte in a file with holes',
    code: 'EXTERNAL_RANGE',
    run: (folder) => {
      truncateSync(put(folder, 'w.data', filled(0)), 2 ** 40);
      const external = { location: 'w.data', offset: String(2 ** 50) };
      readModel(put(folder, 'model.onnx', relu({ initializers: [tensor({ dims: [4], external })] })));
    },
  },
  {
    name: 'ten million empty nodes in 20 MB',
    code: 'TOO_MANY',
    run: () => parseModel(joined(int(1, 10), block(7, Buffer.alloc(20_000_000, block(1))), block(8, int(2, 17)))),
  },
  {
    name: 'ten million packed numbers in 10 MB',
    code: 'TOO_MANY',
    run: () => parseModel(relu({ initializers: [joined(int(2, 7), block(7, filled(10_000_000)))] })),
  },
  {
    name: 'ten million unknown fields',
    code: 'TOO_MANY',
    run: () => parseModel(relu({ more: Buffer.alloc(40_000_000, int(1000, 1).slice(0, 3)).subarray(0, 39_999_999) })),
  },
  {
    name: 'a text of 70 MB',
    code: 'TOO_MANY',
    run: () => parseModel(joined(relu(), block(2, filled(70_000_000, 0x61)))),
  },
  {
    name: 'a node that says it has 4 GiB',
    code: 'WIRE_FORMAT',
    run: () => parseModel(relu({ more: joined(tag(1, 2), varint(2 ** 32 - 1)) })),
  },
  {
    name: 'a tensor that says it has 2^53 elements',
    code: 'TENSOR_SIZE',
    run: () => parseModel(relu({ initializers: [tensor({ dtype: 2, dims: [2 ** 53 - 1], more: packed(5, [1]) })] })),
  },
  {
    name: 'a graph of nothing but lengths',
    code: 'WIRE_FORMAT',
    run: () => parseModel(model(graph({ more: Buffer.alloc(100_000, Uint8Array.of(0x0a, 0x7f)) }))),
  },
];

/** A member of 14 KB, whose weights stay in the file until they are read. */
const member = (folder: string): string => put(folder, 'member.onnx', readFixture('members/digits-mlp0.onnx'));

const changes: readonly Attack[] = [
  {
    name: 'the model is written to between reading it and reading its weights',
    code: 'FILE_CHANGED',
    run: (folder) => {
      const read = readModel(member(folder));
      appendFileSync(join(folder, 'member.onnx'), 'x');
      encodeModel(read);
    },
  },
  {
    name: 'the model is replaced by another one of the same size',
    code: 'FILE_CHANGED',
    run: (folder) => {
      const read = readModel(member(folder));
      renameSync(put(folder, 'other.onnx', readFixture('members/digits-mlp1.onnx')), join(folder, 'member.onnx'));
      encodeModel(read);
    },
  },
  {
    name: 'the model is cut off before its weights are read',
    code: 'FILE_CHANGED',
    run: (folder) => {
      const read = readModel(member(folder));
      truncateSync(join(folder, 'member.onnx'), 100);
      encodeModel(read);
    },
  },
  {
    name: 'the model is gone before its weights are read',
    code: 'FILE_SYSTEM',
    run: (folder) => {
      const read = readModel(member(folder));
      renameSync(join(folder, 'member.onnx'), join(folder, 'elsewhere.onnx'));
      encodeModel(read);
    },
  },
  {
    name: 'the model becomes a link',
    code: 'FILE_SYSTEM',
    run: (folder) => {
      const read = readModel(member(folder));
      renameSync(join(folder, 'member.onnx'), join(folder, 'elsewhere.onnx'));
      symlinkSync('elsewhere.onnx', join(folder, 'member.onnx'));
      encodeModel(read);
    },
  },
  {
    name: 'external data changes while a command works',
    code: 'FILE_CHANGED',
    run: async (folder) => {
      const path = pointing(folder, 'w.data');
      put(folder, 'w.data', filled(16));
      const read = readModel(path);
      put(folder, 'w.data', filled(20));
      encodeModel(read);
    },
  },
  {
    name: 'pruning a model that is not there',
    code: 'FILE_SYSTEM',
    run: (folder) => prune(join(folder, 'none.onnx'), { ratio: 0.5, output: join(folder, 'out.onnx') }),
    leaves: [],
  },
];

export const READING: readonly Attack[] = [...links, ...sizes, ...changes];
