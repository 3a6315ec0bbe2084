/** What a stored file cannot be: something is done to the file system or to a running command, and a refusal must follow. */
import type { ErrorCode } from '../../lib/errors.js';

export interface Attack {
  readonly name: string;
  /** The code that must come out. */
  readonly code: ErrorCode;
  /** Prepares what it needs in `folder`, an empty one of its own, and does it. */
  readonly run: (folder: string) => unknown;
  /** Why it cannot be done here; undefined where it can. */
  readonly skip?: string | undefined;
  /** Names of what lies in the folder afterwards, where the attack puts nothing but these there. */
  readonly leaves?: readonly string[];
}
