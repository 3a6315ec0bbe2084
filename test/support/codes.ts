/** Which error a call gives. */
import { TransplantError } from '../../lib/errors.js';

const codeOf = (error: unknown): string => (error instanceof TransplantError ? error.code : `not ours: ${error}`);

/** The code of the error that `call` throws; `none` if it throws nothing. */
export function codeFrom(call: () => unknown): string {
  try {
    call();
    return 'none';
  } catch (error) {
    return codeOf(error);
  }
}

/** The same for what is still going on. */
export async function codeFromAsync(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'none';
  } catch (error) {
    return codeOf(error);
  }
}
