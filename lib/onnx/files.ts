/** Files that may be somebody else's: opened without following links or waiting, known again by device and inode. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { fileChanged, fileSystem, truncated } from '../errors.js';

/** What tells a file from another one, or from itself after a change. */
export interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: number;
  readonly modified: bigint;
}

/** An open file. */
export interface OpenFile {
  readonly path: string;
  readonly fd: number;
  readonly identity: Identity;
  /** A plain file: no folder, pipe or device. */
  readonly plain: boolean;
  /** Number of names that the file has. */
  readonly links: number;
}

/** Absent on Windows, where they count as 0. */
const CAUTIOUS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export const sameFile = (a: Pick<Identity, 'dev' | 'ino'>, b: Pick<Identity, 'dev' | 'ino'>): boolean =>
  a.dev === b.dev && a.ino === b.ino;

const unchanged = (a: Identity, b: Identity): boolean =>
  sameFile(a, b) && a.size === b.size && a.modified === b.modified;

/** Runs a call of the operating system; its error becomes FILE_SYSTEM. */
export function attempt<T>(doing: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw fileSystem(doing, path, cause);
  }
}

/** The code of a system error, `ENOENT` for instance. */
export const systemCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** What an open file is now. Throws FILE_SYSTEM. */
function inspect(path: string, fd: number): OpenFile {
  const stats = attempt('cannot read', path, () => fstatSync(fd, { bigint: true }));
  return {
    path,
    fd,
    identity: { dev: stats.dev, ino: stats.ino, size: Number(stats.size), modified: stats.mtimeNs },
    plain: stats.isFile(),
    links: Number(stats.nlink),
  };
}

/** Opens a file for reading; a link is refused, a pipe does not block. Throws FILE_SYSTEM. */
export function openFile(path: string): OpenFile {
  const fd = attempt('cannot open', path, () => openSync(path, CAUTIOUS));
  try {
    return inspect(path, fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export const closeFile = (file: OpenFile): void => closeSync(file.fd);

/** Refuses with FILE_CHANGED a file that was written to since it was opened. */
export function requireUnchanged({ path, fd, identity }: OpenFile): void {
  if (!unchanged(identity, inspect(path, fd).identity)) throw fileChanged(path);
}

/** Opens a file that was seen before. Throws FILE_CHANGED if it is another one or was written to, FILE_SYSTEM. */
export function reopenFile(path: string, identity: Identity): OpenFile {
  const file = openFile(path);
  if (unchanged(identity, file.identity)) return file;
  closeFile(file);
  throw fileChanged(path);
}

/** Bytes that one call may read: systems refuse 2 GiB. */
const ONE_READ = 2 ** 30;

/** Fills `target` with the bytes from `start` on. Throws TRUNCATED if the file ends before, FILE_SYSTEM. */
export function readFully({ path, fd }: OpenFile, target: Uint8Array, start: number): void {
  for (let done = 0; done < target.length; ) {
    const wanted = Math.min(target.length - done, ONE_READ);
    const count = attempt('cannot read', path, () => readSync(fd, target, done, wanted, start + done));
    if (count === 0) throw truncated(path, `at byte ${start + done}, while it was being read`);
    done += count;
  }
}
