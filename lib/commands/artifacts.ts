/** `artifacts`: the four files from which a training runtime trains. */
import { usage } from '../errors.js';
import { verifyModel } from '../ir/verify.js';
import { makeFolder } from '../onnx/blob.js';
import { writeArtifacts } from '../training/artifacts/files.js';
import {
  type ArtifactOptions as BuildOptions,
  type Flavor,
  generateArtifacts,
} from '../training/artifacts/generate.js';
import { ORT_ADAMW } from '../training/optimizers.js';
import { loadMember } from './load.js';
import { lossOf } from './loss-option.js';
import { type OptimizerOptions, optimizerOf } from './optimizer-options.js';
import type { RunOptions } from './options.js';

/** What the artifacts are for. */
export interface ArtifactOptions extends RunOptions, OptimizerOptions {
  /** The folder that the files go to; it is made where it is missing. */
  readonly output?: string | undefined;
  /** `portable` (standard operators, for any onnxruntime) unless told. */
  readonly flavor?: Flavor | undefined;
  /** `cross-entropy` (unless told), `bce`, `mse`, `l1`, or the path of a model that computes one. */
  readonly loss?: string | undefined;
  /** The output that the loss judges; the first where left out. */
  readonly logits?: string | undefined;
  /** Outputs kept beside the loss. */
  readonly outputs?: readonly string[] | undefined;
  readonly train?: readonly string[] | undefined;
  readonly freeze?: readonly string[] | undefined;
  readonly clip?: number | undefined;
}

/** What was written. */
export interface ArtifactReport {
  readonly schema: 'onnx-transplant/artifacts@1';
  readonly model: string;
  readonly folder: string;
  readonly flavor: Flavor;
  readonly files: readonly string[];
  /** Parameters that are trained, and those that stay as they are. */
  readonly trained: readonly string[];
  readonly frozen: readonly string[];
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Writes the artifacts of a model. Throws USAGE, GRADIENT_MISSING, ARTIFACTS_FORMAT, and what reading and writing throw. */
export async function artifacts(path: string, options: ArtifactOptions): Promise<ArtifactReport> {
  const started = performance.now();
  const { output, flavor = 'portable' } = options;
  if (output === undefined) throw usage('artifacts needs a folder to write to', 'Add -o DIR.');
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const model = loadMember(path);
  const build: BuildOptions = {
    flavor,
    loss: lossOf(options.loss),
    output: options.logits,
    outputs: options.outputs,
    optimizer: forFlavor(flavor, options),
    clip: options.clip,
    train: options.train,
    freeze: options.freeze,
  };
  const made = generateArtifacts(model, build);
  for (const each of [made.training, made.eval, made.optimizer]) verifyModel(each);
  makeFolder(output);
  const files = await writeArtifacts(made, output);
  return {
    schema: 'onnx-transplant/artifacts@1',
    model: path,
    folder: output,
    flavor,
    files,
    trained: [...made.checkpoint.trained.keys()],
    frozen: [...made.checkpoint.frozen.keys()],
    notes: [],
    seconds: (performance.now() - started) / 1000,
  };
}

/**
 * onnxruntime-training knows no momentum, and its AdamW adds epsilon elsewhere than PyTorch's; what is not said is as
 * generate_artifacts writes it.
 */
function forFlavor(flavor: Flavor, options: ArtifactOptions) {
  if (flavor !== 'microsoft') return optimizerOf(options);
  return optimizerOf(
    options.optimizer === 'adamw' ? options : { ...options, momentum: options.momentum ?? 0 },
    ORT_ADAMW,
  );
}
