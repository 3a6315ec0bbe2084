/** Training artifacts in a folder. */
import { readBlob, writeBlob } from '../../onnx/blob.js';
import { readModel } from '../../onnx/read.js';
import { writeModel } from '../../onnx/write.js';
import { parseCheckpoint } from '../checkpoint/read.js';
import { encodeCheckpoint } from '../checkpoint/write.js';
import type { Artifacts } from './load.js';
import { FILES } from './names.js';

/** The path of each file in a folder; every system that Node runs on understands the slash. */
const pathsIn = (folder: string) => ({
  training: `${folder}/${FILES.training}`,
  eval: `${folder}/${FILES.eval}`,
  optimizer: `${folder}/${FILES.optimizer}`,
  checkpoint: `${folder}/${FILES.checkpoint}`,
});

/** The four files of a folder: training, evaluation and optimizer model, checkpoint. */
export const artifactFiles = (folder: string): readonly string[] => Object.values(pathsIn(folder));

/**
 * Reads the four files of a folder; `checkpoint` names another checkpoint than the one in it. Throws what `readModel` throws,
 * CHECKPOINT_FORMAT.
 */
export function readArtifacts(folder: string, checkpoint = pathsIn(folder).checkpoint): Artifacts {
  const paths = pathsIn(folder);
  return {
    training: readModel(paths.training),
    eval: readModel(paths.eval),
    optimizer: readModel(paths.optimizer),
    checkpoint: parseCheckpoint(readBlob(checkpoint), checkpoint),
  };
}

/** Writes the four files into a folder that exists; each is whole, the training model last. Throws what `writeModel` throws. */
export async function writeArtifacts(artifacts: Artifacts, folder: string): Promise<readonly string[]> {
  const paths = pathsIn(folder);
  writeBlob(encodeCheckpoint(artifacts.checkpoint), paths.checkpoint);
  const optimizer = await writeModel(artifacts.optimizer, paths.optimizer);
  const evaluation = await writeModel(artifacts.eval, paths.eval);
  const training = await writeModel(artifacts.training, paths.training);
  return [paths.checkpoint, ...optimizer.files, ...evaluation.files, ...training.files];
}
