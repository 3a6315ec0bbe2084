/** What a call refuses. */
import { expect } from '@jest/globals';
import { type ErrorCode, TransplantError } from '../../lib/errors.js';

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

/** For `toThrow`: a refusal by its code, and what its message says. */
export const refusal = (code: ErrorCode, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });
