/** Where external data may lie, decided by its text alone, before the file system is asked. */
import { externalPath, externalRange, quoted } from '../errors.js';
import type { EntryProto } from './messages.js';

/** What a tensor says about its external data. */
export interface Location {
  /** The folders from the model's on, and the file's name last; each is a plain name. */
  readonly steps: readonly string[];
  readonly location: string;
  readonly offset: number;
  /** Undefined: as many bytes as the tensor needs. */
  readonly length: number | undefined;
}

/** Why a location may not be opened; undefined if it may. */
function fault(location: string): string | undefined {
  if (location === '') return 'is empty';
  if (location.includes('\0')) return 'contains a zero byte';
  if (location.includes('\\')) return 'contains a backslash';
  if (location.startsWith('/')) return 'is absolute';
  if (/^[A-Za-z]:/.test(location)) return 'names a drive';
  if (location.split('/').includes('..')) return 'leads out of the folder of the model';
  return location.split('/').every((step) => step === '' || step === '.') ? 'names no file' : undefined;
}

function number(tensor: string, key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value))
    throw externalRange(tensor, `${key} ${quoted(text)} is no count of bytes`);
  return value;
}

/** The location in a tensor's `external_data`. Throws EXTERNAL_PATH and EXTERNAL_RANGE. */
export function parseLocation(tensor: string, entries: readonly EntryProto[]): Location {
  const values = new Map<string, string>();
  for (const { key, value } of entries) {
    if (values.has(key)) throw externalRange(tensor, `says ${quoted(key)} twice`);
    values.set(key, value);
  }
  const location = values.get('location') ?? '';
  const why = fault(location);
  if (why) throw externalPath(tensor, location, why);
  return {
    steps: location.split('/').filter((step) => step !== '' && step !== '.'),
    location,
    offset: number(tensor, 'offset', values.get('offset')) ?? 0,
    length: number(tensor, 'length', values.get('length')),
  };
}
