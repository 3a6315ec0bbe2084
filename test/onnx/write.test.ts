import { existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cancelled, fileSystem, tooLarge } from '../../lib/errors.js';
import { lazyBytes } from '../../lib/ir/bytes.js';
import type { Model } from '../../lib/ir/model.js';
import { type OutputFiles, systemFiles } from '../../lib/onnx/output-files.js';
import { parseModel, readModel } from '../../lib/onnx/read.js';
import { encodeModel, writeModel } from '../../lib/onnx/write.js';
import { codeFrom, codeFromAsync } from '../support/codes.js';
import { wholeModel } from '../support/decode.js';
import { temporaryFolder } from '../support/folder.js';
import { filled, relu, tensor } from '../support/wire.js';

const folder = temporaryFolder();
let folders = 0;

/** An empty folder below the temporary one, and the path of a file in it. */
function fresh(name = 'out.onnx'): { folder: string; path: string } {
  const path = folder.at(String(folders++));
  mkdirSync(path);
  return { folder: path, path: `${path}/${name}` };
}

const bytes = relu({
  initializers: [
    tensor({ name: 'a', dims: [5_000_000], raw: filled(20_000_000, 1) }),
    tensor({ name: 'b', dims: [700], raw: filled(2800, 2) }),
    tensor({ name: 'c', dims: [700], raw: filled(2800, 3) }),
    tensor({ name: 'd', dims: [2], raw: filled(8, 4) }),
  ],
});
const model = parseModel(bytes);

describe('a model in one file', () => {
  test('is written whole, and nothing else with it', async () => {
    const { folder, path } = fresh();
    const seen: number[] = [];
    const written = await writeModel(model, path, { onProgress: (done, total) => seen.push(done / total) });
    expect(readdirSync(folder)).toEqual(['out.onnx']);
    expect(written).toEqual({ bytes: statSync(path).size, files: [path] });
    expect(wholeModel(readFileSync(path))).toEqual(wholeModel(bytes));
    expect(seen.at(-1)).toBe(1);
    expect(seen.length).toBeGreaterThan(2);
  });

  test('replaces an older one', async () => {
    const { path } = fresh();
    await writeModel(parseModel(relu()), path);
    await writeModel(model, path);
    expect(statSync(path).size).toBeGreaterThan(20_000_000);
  });

  test('replaces a link, and leaves what it led to', async () => {
    const { path } = fresh();
    const other = folder.put('other.txt', 'mine');
    symlinkSync(other, path);
    await writeModel(model, path);
    expect(lstatSync(path).isSymbolicLink()).toBe(false);
    expect(readFileSync(other, 'utf8')).toBe('mine');
  });

  test('is checked before it has its name', async () => {
    const { path } = fresh();
    let checked = '';
    await writeModel(model, path, {
      check: (temporary) => {
        expect(dirname(temporary)).toBe(dirname(path));
        expect(existsSync(path)).toBe(false);
        checked = [...readModel(temporary).graph.initializers.keys()].join('');
      },
    });
    expect(checked).toBe('abcd');
  });

  test('over itself: weights are read from the old file until the end', async () => {
    const { path } = fresh();
    await writeModel(model, path);
    await writeModel({ ...readModel(path), producer: 'again' }, path, { inputs: [path], inPlace: true });
    expect(readModel(path).producer).toBe('again');
    expect(readModel(path).graph.initializers.get('a')?.data?.read(19_999_999, 20_000_000)).toEqual(filled(1, 1));
  });
});

describe('external data', () => {
  test('lies in a file of its own, each tensor on a page', async () => {
    const { folder, path } = fresh('odd name\\.onnx');
    const written = await writeModel(model, path, { externalData: true });
    expect(readdirSync(folder).sort()).toEqual(written.files.map((file) => file.slice(folder.length + 1)).sort());
    expect(written.files[1]).toMatch(/odd_name_\.onnx\.[0-9a-f]{8}\.data$/);
    expect(statSync(path).size).toBeLessThan(1000);
    const wire = JSON.stringify(wholeModel(readFileSync(path)));
    expect([...wire.matchAll(/"key":"offset","value":"(\d+)"/g)].map((match) => Number(match[1]) % 4096)).toEqual([
      0, 0, 0,
    ]);
    for (const [name, { data }] of readModel(path).graph.initializers)
      expect(new Set(data?.read(0, data.length))).toEqual(new Set(['abcd'.indexOf(name) + 1]));
  });

  test('becomes one file again', async () => {
    const { path } = fresh();
    await writeModel(model, path, { externalData: true });
    expect(wholeModel(encodeModel(readModel(path)))).toEqual(wholeModel(bytes));
  });

  test('each writing has a data file of its own', async () => {
    const { folder, path } = fresh();
    await writeModel(model, path, { externalData: true });
    const first = readModel(path);
    await writeModel(first, path, { externalData: true, inputs: [path], inPlace: true });
    expect(readdirSync(folder)).toHaveLength(3);
    expect(readModel(path).graph.initializers.get('b')?.data?.read(0, 1)).toEqual(filled(1, 2));
  });

  test('the check can follow it', async () => {
    const { path } = fresh();
    let value: unknown;
    const check = (temporary: string) => {
      value = readModel(temporary).graph.initializers.get('c')?.data?.read(0, 1)[0];
    };
    await writeModel(model, path, { externalData: true, check });
    expect(value).toBe(3);
  });

  test('a model without large weights needs none', async () => {
    const { folder, path } = fresh();
    await writeModel(parseModel(relu()), path, { externalData: true });
    expect(readdirSync(folder)).toEqual(['out.onnx']);
  });

  test('over 2 GiB it is the only way', async () => {
    const { path } = fresh();
    const data = lazyBytes(2 ** 31, () => {
      throw fileSystem('reached', 'the weights', 'enough');
    });
    const huge: Model = {
      ...model,
      graph: { ...model.graph, initializers: new Map([['w', { name: 'w', dtype: 2, dims: [2 ** 31], data }]]) },
    };
    expect(await codeFromAsync(() => writeModel(huge, path, { externalData: false }))).toBe('TOO_LARGE');
    expect(codeFrom(() => encodeModel(huge))).toBe('TOO_LARGE');
    expect(await codeFromAsync(() => writeModel(huge, path))).toBe('FILE_SYSTEM');
  });
});

describe('refusals, with nothing written', () => {
  const refused = async (path: string, inputs: readonly string[] = []): Promise<string> => {
    const before = readdirSync(folder.path, { recursive: true });
    const code = await codeFromAsync(() => writeModel(model, path, { inputs }));
    expect(readdirSync(folder.path, { recursive: true })).toEqual(before);
    return code;
  };

  test('OUTPUT_PATH', async () => {
    const { folder, path } = fresh();
    for (const wrong of [
      folder,
      `${folder}/`,
      `${path}/`,
      `${folder}/none/out.onnx`,
      `${folder}/a\0b`,
      '/dev/null',
      '',
    ])
      expect(await refused(wrong)).toBe('OUTPUT_PATH');
    await writeModel(model, path);
    expect(await refused(`${path}/out.onnx`)).toBe('OUTPUT_PATH');
  });

  test('OUTPUT_IS_INPUT: under any name, and its external data', async () => {
    const { folder, path } = fresh();
    const written = await writeModel(model, path, { externalData: true });
    linkSync(path, `${folder}/hard.onnx`);
    symlinkSync(path, `${folder}/soft.onnx`);
    symlinkSync(folder, `${folder}/around`);
    const data = written.files[1] ?? '';
    for (const output of [path, `${folder}/hard.onnx`, `${folder}/soft.onnx`, `${folder}/around/out.onnx`, data])
      expect(await refused(output, [path])).toBe('OUTPUT_IS_INPUT');
    expect(await refused(`${folder}/soft.onnx`, [`${folder}/hard.onnx`])).toBe('OUTPUT_IS_INPUT');
    expect(await codeFromAsync(() => writeModel(model, `${folder}/new.onnx`, { inputs: [path] }))).toBe('none');
  });

  test('inputs that are no models are compared too', async () => {
    const { path } = fresh('data.npz');
    folder.put(`${path.slice(folder.path.length + 1)}`, 'text');
    expect(await refused(path, [path, folder.path, folder.at('missing')])).toBe('OUTPUT_IS_INPUT');
  });
});

describe('failures leave the old file and nothing else', () => {
  const old = parseModel(relu());

  /** An existing output, the code that a writing over it gives, and proof that nothing else happened. */
  async function failing(options: Parameters<typeof writeModel>[2], source = model): Promise<string> {
    const { folder, path } = fresh();
    await writeModel(old, path);
    const before = readFileSync(path);
    const code = await codeFromAsync(() => writeModel(source, path, options));
    expect(readdirSync(folder)).toEqual(['out.onnx']);
    expect(readFileSync(path).equals(before)).toBe(true);
    return code;
  }

  test.each([false, true])('the check fails (external data: %s)', async (externalData) => {
    const check = async () => {
      throw tooLarge('checked', 1, 0);
    };
    expect(await failing({ externalData, check })).toBe('TOO_LARGE');
  });

  test.each([false, true])('stopped before, within and after the writing (external data: %s)', async (externalData) => {
    expect(await failing({ externalData, signal: AbortSignal.abort() })).toBe('CANCELLED');
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    expect(await failing({ externalData, signal: controller.signal })).toBe('CANCELLED');
    const late = new AbortController();
    expect(await failing({ externalData, signal: late.signal, check: () => late.abort() })).toBe('CANCELLED');
  });

  test('weights that cannot be read, or are too few', async () => {
    const source = (read: (start: number, end: number) => Uint8Array): Model => ({
      ...model,
      graph: {
        ...model.graph,
        initializers: new Map([['w', { name: 'w', dtype: 2, dims: [100], data: lazyBytes(100, read) }]]),
      },
    });
    const broken = source(() => {
      throw cancelled();
    });
    expect(await failing({}, broken)).toBe('CANCELLED');
    expect(
      await failing(
        {},
        source(() => filled(99)),
      ),
    ).toBe('DEFECT');
    expect(codeFrom(() => encodeModel(source(() => filled(99))))).toBe('DEFECT');
  });

  /** The system's calls, of which the one with number `last` fails. */
  function failingFiles(last: number): { files: OutputFiles; calls: string[] } {
    const calls: string[] = [];
    const count =
      <A extends unknown[], R>(name: string, call: (...args: A) => R) =>
      (...args: A): R => {
        calls.push(name);
        if (calls.length === last) throw fileSystem(name, String(args[0]), 'no space left');
        return call(...args);
      };
    const { create, write, sync, close, rename, remove, syncFolder } = systemFiles;
    const files: OutputFiles = {
      create: count('create', create),
      write: count('write', write),
      sync: count('sync', sync),
      close: (path, fd) => {
        close(path, fd);
        count('close', () => {})();
      },
      rename: count('rename', rename),
      remove,
      syncFolder: count('syncFolder', syncFolder),
    };
    return { files, calls };
  }

  test.each([false, true])('any call of the system (external data: %s)', async (externalData) => {
    const { files, calls } = failingFiles(0);
    await writeModel(model, fresh().path, { externalData, files });
    const renamed = calls.indexOf('rename') + 1;
    expect(calls.slice(renamed)).toEqual(['syncFolder']);
    for (let last = 1; last <= renamed; last++)
      expect(await failing({ externalData, files: failingFiles(last).files })).toBe('FILE_SYSTEM');
  });

  test('after the renaming the new file stands', async () => {
    const { path } = fresh();
    const { files, calls } = failingFiles(0);
    await writeModel(model, path, { files });
    expect(await codeFromAsync(() => writeModel(model, path, { files: failingFiles(calls.length).files }))).toBe(
      'FILE_SYSTEM',
    );
    expect(wholeModel(readFileSync(path))).toEqual(wholeModel(bytes));
  });

  test('a system that writes a few bytes at a time', async () => {
    const { path } = fresh();
    const write: OutputFiles['write'] = (name, fd, part) => systemFiles.write(name, fd, part.subarray(0, 300_001));
    await writeModel(model, path, { files: { ...systemFiles, write } });
    expect(readFileSync(path).equals(Buffer.from(encodeModel(model)))).toBe(true);
  });
});
