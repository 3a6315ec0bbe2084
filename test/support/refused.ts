/** What a call refuses. */
import { TransplantError } from '../../lib/errors.js';

/** The code of the refusal, or undefined where there is none. Other errors are thrown on. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof TransplantError) return error.code;
    throw error;
  }
}
