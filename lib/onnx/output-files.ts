/** The calls of the operating system that writing needs, in one object, so that tests can let any one of them fail. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { attempt } from './files.js';

/** All throw FILE_SYSTEM. */
export interface OutputFiles {
  /** Opens a file that must not exist yet. */
  create(path: string): number;
  /** Writes at the end; may write less than it is given, and says how much. */
  write(path: string, fd: number, bytes: Uint8Array): number;
  sync(path: string, fd: number): void;
  close(path: string, fd: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): void;
}

export const systemFiles: OutputFiles = {
  create: (path) => attempt('cannot create', path, () => openSync(path, 'wx')),
  write: (path, fd, bytes) => attempt('cannot write', path, () => writeSync(fd, bytes)),
  sync: (path, fd) => attempt('cannot write', path, () => fsyncSync(fd)),
  close: (path, fd) => attempt('cannot write', path, () => closeSync(fd)),
  rename: (from, to) => attempt('cannot write', to, () => renameSync(from, to)),
  remove: (path) => attempt('cannot remove', path, () => rmSync(path)),
  syncFolder: (path) => attempt('cannot write', path, () => syncFolder(path)),
};

function syncFolder(path: string): void {
  if (process.platform === 'win32') return; // Windows opens no folders, and needs no such call
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
