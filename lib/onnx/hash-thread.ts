/** The thread of `hashFiles`: answers one message, with an answer for each file. */
import { parentPort, workerData } from 'node:worker_threads';
import { TransplantError } from '../errors.js';
import { type Answer, hashFile, type SeenFile } from './hash.js';

function answer(file: SeenFile): Answer {
  try {
    return { sha256: hashFile(file) };
  } catch (error) {
    if (error instanceof TransplantError) return { code: error.code, message: error.message };
    throw error;
  }
}

parentPort?.postMessage((workerData as readonly SeenFile[]).map(answer));
