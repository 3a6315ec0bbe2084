/** What a folder allows: tried with small files, which are removed again. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Something that was tried; `why` is '' where it worked. */
export interface Ability {
  readonly name: 'rename' | 'sync' | 'hard links' | 'symbolic links' | 'names of 255 bytes';
  readonly works: boolean;
  readonly why: string;
}

/** How a folder fared. */
export interface FolderReport {
  readonly path: string;
  readonly writable: boolean;
  /** Why it is not; '' where it is. */
  readonly why: string;
  /** Bytes; null where the system does not say. */
  readonly free: number | null;
  readonly total: number | null;
  /** Whether `a` and `A` are two files; null where nothing can be written. */
  readonly caseSensitive: boolean | null;
  /** Empty where nothing can be written. */
  readonly abilities: readonly Ability[];
}

/** The system's code, `EACCES` for instance. */
const whyOf = (error: unknown): string => {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
};

function attempt(name: Ability['name'], call: () => void): Ability {
  try {
    call();
    return { name, works: true, why: '' };
  } catch (error) {
    return { name, works: false, why: whyOf(error) };
  }
}

function sync(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function space(path: string): Pick<FolderReport, 'free' | 'total'> {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    // Some network file systems do not say.
    return { free: null, total: null };
  }
}

function tryIn(folder: string): Pick<FolderReport, 'caseSensitive' | 'abilities'> {
  const at = (name: string) => join(folder, name);
  writeFileSync(at('file'), 'x');
  const caseSensitive = !existsSync(at('FILE'));
  const abilities = [
    attempt('rename', () => {
      writeFileSync(at('old'), 'x');
      renameSync(at('old'), at('new'));
    }),
    attempt('sync', () => sync(at('file'))),
    attempt('hard links', () => linkSync(at('file'), at('hard'))),
    attempt('symbolic links', () => symlinkSync(at('file'), at('soft'))),
    attempt('names of 255 bytes', () => writeFileSync(at('n'.repeat(255)), 'x')),
  ];
  return { caseSensitive, abilities };
}

/** Tries a folder. Never throws; nothing is left behind. */
export function tryFolder(path: string): FolderReport {
  const report = { path, ...space(path) };
  let own: string | undefined;
  try {
    own = mkdtempSync(join(path, '.onnx-transplant-doctor-'));
    return { ...report, writable: true, why: '', ...tryIn(own) };
  } catch (error) {
    return { ...report, writable: false, why: whyOf(error), caseSensitive: null, abilities: [] };
  } finally {
    if (own !== undefined) rmSync(own, { recursive: true, force: true });
  }
}
