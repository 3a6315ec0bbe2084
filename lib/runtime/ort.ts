/** The one door to onnxruntime-node: its log silenced, because all that it would print there it also throws. */
import { env, InferenceSession } from 'onnxruntime-node';

/** Log severity "fatal", as ONNX Runtime numbers it. */
const FATAL_ONLY = 4;
env.logLevel = 'fatal';

/**
 * For a process that tries an execution provider: ONNX Runtime prints on stderr why a library cannot be loaded, which it does not
 * throw. To be called before the first session.
 */
export function hearErrors(): void {
  env.logLevel = 'error';
}

/** Of the onnxruntime-node that is loaded. */
export const RUNTIME_VERSION: string = env.versions.node ?? env.versions.common;

/** How to load a model; `config` holds session entries by their names in ONNX Runtime, without `session.`. */
export interface LoadOptions {
  readonly ep: string;
  readonly config: Readonly<Record<string, string>>;
  /** No optimisation of the graph, no memory kept for the next run. */
  readonly plain?: boolean;
  readonly threads?: number | undefined;
}

/** Execution providers on which NVIDIA's libraries compute. */
const NVIDIA: ReadonlySet<string> = new Set(['cuda', 'tensorrt']);

let rounds = false;

/**
 * For a process that trains: NVIDIA's libraries may round as they do by default. To be called before the first session, which decides
 * for the process.
 */
export function allowRounding(): void {
  rounds = true;
}

/**
 * float32 as float32: on its newer GPUs NVIDIA's libraries round the factors of products to 11 bits (TF32) unless this is set before
 * they are loaded, and outputs are off by 1e-3 then. The binding for Node passes no option on; what the user has set stays.
 */
function computeInFull(ep: string): void {
  if (NVIDIA.has(ep) && !rounds) process.env.NVIDIA_TF32_OVERRIDE ??= '0';
}

/** Loads a model from a path or from its bytes. Throws ONNX Runtime's own errors. */
export function createSession(source: string | Uint8Array, options: LoadOptions): Promise<InferenceSession> {
  computeInFull(options.ep);
  const ortOptions: InferenceSession.SessionOptions = {
    executionProviders: [options.ep],
    logSeverityLevel: FATAL_ONLY,
    extra: { session: options.config },
    ...(options.threads !== undefined && { intraOpNumThreads: options.threads }),
    ...(options.plain && { graphOptimizationLevel: 'disabled', enableCpuMemArena: false, enableMemPattern: false }),
  };
  return typeof source === 'string'
    ? InferenceSession.create(source, ortOptions)
    : InferenceSession.create(source, ortOptions);
}
