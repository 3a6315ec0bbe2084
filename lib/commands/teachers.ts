/** Teachers: models whose mean logits a student learns from. */
import { dataMismatch, quoted } from '../errors.js';
import { FLOAT } from '../ir/dtype.js';
import { type NdArray, ndarray, toReals } from '../ir/ndarray.js';
import { meanOutputs } from '../runtime/mean.js';
import { openSession, type Session, type SessionOptions } from '../runtime/session.js';
import { chooseValue } from './feeding.js';
import type { Teach } from './training-data.js';

export interface Teachers {
  readonly teach: Teach;
  close(): Promise<void>;
}

/** Opens model files as teachers; each takes the student's batches. Throws RUNTIME_LOAD, USAGE. */
export async function openTeachers(paths: readonly string[], options: SessionOptions): Promise<Teachers> {
  const sessions: Session[] = [];
  const close = async () => {
    for (const session of sessions) await session.close();
  };
  try {
    for (const path of paths) sessions.push(await openSession(path, options));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    teach: async (input) => {
      const all: ReadonlyMap<string, NdArray>[] = [];
      for (const session of sessions) all.push(new Map([['logits', await logitsOf(session, input)]]));
      const mean = meanOutputs(all).get('logits') as NdArray;
      return ndarray(FLOAT, mean.dims, Float32Array.from(toReals(mean, 'logits')));
    },
  };
}

async function logitsOf(session: Session, input: NdArray): Promise<NdArray> {
  const { name } = chooseValue(session.inputs, undefined, 'input');
  const output = chooseValue(session.outputs, undefined, 'output');
  const logits = (await session.run(new Map([[name, input]]))).get(output.name);
  if (logits) return logits;
  throw dataMismatch(`the teacher ${quoted(session.label)} gives no ${output.name}`);
}
