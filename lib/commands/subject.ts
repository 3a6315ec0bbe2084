/** What `train` is given: a model file, or a folder of training artifacts. */
import { quoted, usage } from '../errors.js';
import { isFolder, readBlob } from '../onnx/blob.js';
import { hashBytes } from '../onnx/hash.js';
import { artifactFiles, readArtifacts } from '../training/artifacts/files.js';
import { FILES } from '../training/artifacts/names.js';
import { isOwn } from '../training/judged.js';
import type { Distillation } from '../training/losses.js';
import { type ArtifactTrainee, artifactTrainee, checkUndecided } from './artifact-trainee.js';
import { loadMember } from './load.js';
import { lossOf, lossSettings } from './loss-option.js';
import { makeRecipe, type Recipe } from './recipe.js';
import { modelTrainee, type Trainee, type TraineeOptions } from './trainee.js';

/** A trainee with what is told of where it came from. */
export interface Subject {
  readonly trainee: Trainee;
  /** What a user should know before it is trained. */
  readonly notes: readonly string[];
  /** What its numbers depend on beside the options. */
  settings(): Promise<Readonly<Record<string, unknown>>>;
  /** The recipe of what comes of it, with the hashes of its files. */
  recipeOf(command: string, settings: Readonly<Record<string, unknown>>): Promise<Recipe>;
}

/** The files behind a path: one model, or the four of a folder. */
export const subjectFiles = (path: string): readonly string[] => (isFolder(path) ? artifactFiles(path) : [path]);

/** Opens what is to be trained. Throws USAGE, what reading throws, and what `modelTrainee` and `artifactTrainee` throw. */
export function openSubject(path: string, options: TraineeOptions, distillation?: Distillation): Subject {
  if (isFolder(path)) return fromArtifacts(path, options, distillation);
  const model = loadMember(path);
  const loss = distillation ?? lossOf(options.loss);
  return {
    trainee: modelTrainee(model, options, loss),
    notes: [],
    recipeOf: (command, settings) => makeRecipe(command, settings, isOwn(loss) ? [model, loss] : [model]),
    settings: () => lossSettings(loss),
  };
}

function fromArtifacts(folder: string, options: TraineeOptions, distillation: Distillation | undefined): Subject {
  if (distillation)
    throw usage(
      `${quoted(folder)} is a folder; artifacts have a loss of their own and cannot be taught`,
      'Give the model file from which they were made.',
    );
  checkUndecided(folder, options);
  const artifacts = readArtifacts(folder);
  const checkpoint = hashBytes(readBlob(artifactFiles(folder).at(-1) as string));
  const trainee = artifactTrainee(artifacts, options);
  const { training, eval: evaluation, optimizer } = artifacts;
  return {
    trainee,
    notes: notesOf(trainee),
    settings: async () => ({}),
    recipeOf: async (command, settings) => {
      const recipe = await makeRecipe(command, settings, [training, evaluation, optimizer]);
      return { ...recipe, inputs: [...recipe.inputs, { name: FILES.checkpoint, sha256: [checkpoint] }] };
    },
  };
}

/** Where the artifacts do not name the outputs of a model, what was found. */
function notesOf({ judged, outputs, set }: ArtifactTrainee): readonly string[] {
  const named = set.eval.graph.outputs.some(({ name }) => name === judged);
  const gives = outputs.map(quoted).join(', ');
  return named ? [] : [`the artifacts do not name what their loss judges, ${quoted(judged)}: the model gives ${gives}`];
}
