import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { fileSystem } from '../../lib/errors.js';
import { readBlob, writeBlob } from '../../lib/onnx/blob.js';
import { type OutputFiles, systemFiles } from '../../lib/onnx/output-files.js';
import { codeFrom } from '../support/codes.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();

test('what is written is read back', () => {
  writeBlob(Uint8Array.of(1, 2, 3), folder.at('a'));
  expect([...readBlob(folder.at('a'))]).toEqual([1, 2, 3]);
});

test('folders and files that are not there are refused', () => {
  expect(codeFrom(() => readBlob(folder.path))).toBe('FILE_SYSTEM');
  expect(codeFrom(() => readBlob(folder.at('missing')))).toBe('FILE_SYSTEM');
  expect(codeFrom(() => writeBlob(Uint8Array.of(1), folder.at('missing/b')))).toBe('OUTPUT_PATH');
});

test.each(['create', 'write', 'sync', 'rename'] as const)(
  'a failing %s leaves the old file and nothing else',
  (call) => {
    folder.put('old', 'old');
    const before = readdirSync(folder.path);
    const files: OutputFiles = {
      ...systemFiles,
      [call]: (path: string) => {
        throw fileSystem('cannot write', path, new Error('no space left'));
      },
    };
    expect(codeFrom(() => writeBlob(Uint8Array.of(1), folder.at('old'), files))).toBe('FILE_SYSTEM');
    expect(readFileSync(folder.at('old'), 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(before);
  },
);

test('a system that writes byte by byte is served', () => {
  const files: OutputFiles = {
    ...systemFiles,
    write: (path, fd, bytes) => systemFiles.write(path, fd, bytes.subarray(0, 1)),
  };
  writeBlob(Uint8Array.of(5, 6, 7), folder.at('slow'), files);
  expect([...readBlob(folder.at('slow'))]).toEqual([5, 6, 7]);
});
