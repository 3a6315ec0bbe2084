/** The one door to onnxruntime-node: its log silenced, because all that it would print there it also throws. */
import { env, InferenceSession } from 'onnxruntime-node';

/** Log severity "fatal", as ONNX Runtime numbers it. */
const FATAL_ONLY = 4;
env.logLevel = 'fatal';

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

/** Loads a model from a path or from its bytes. Throws ONNX Runtime's own errors. */
export function createSession(source: string | Uint8Array, options: LoadOptions): Promise<InferenceSession> {
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
