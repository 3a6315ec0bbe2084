/** A model loaded into ONNX Runtime. */
import type { InferenceSession } from 'onnxruntime-node';
import { runtimeLoad, runtimeRun, TransplantError } from '../errors.js';
import type { Value } from '../ir/model.js';
import type { NdArray } from '../ir/ndarray.js';
import { declared, fromOrt, toOrt } from './convert.js';
import { runtimeMessage } from './message.js';
import { createSession, type LoadOptions } from './ort.js';
import { CPU, requireProvider } from './providers.js';

/** What to run on and how. */
export interface SessionOptions {
  /** Execution provider: `cpu` (default), `cuda`, `webgpu`, ... */
  readonly ep?: string | undefined;
  /** The model's name in messages; a path is its own name. */
  readonly label?: string | undefined;
  /**
   * For one run of a big model: no optimisation and no second copy of the weights. External data then stays in its file,
   * mapped into memory: for 378 MB of it, loading takes 25 ms and 17 MB instead of 410 ms and 378 MB.
   */
  readonly lean?: boolean | undefined;
  /** Threads that one operator may use; as many as the machine has cores unless told. */
  readonly threads?: number | undefined;
  /** For a model in memory: the folder that its external data lies in. */
  readonly folder?: string | undefined;
}

/** A loaded model. Close it when done: ONNX Runtime's memory is no garbage that JavaScript would collect in time. */
export interface Session {
  readonly label: string;
  /** What the model wants. ONNX Runtime tells a value of unknown rank and a scalar alike: shape []. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** True where the execution provider lacks some of the operators, so that ONNX Runtime runs those on the CPU. */
  readonly mixed: boolean;
  /**
   * Computes all outputs but those in `left`; those in `into` are written into the arrays given there, of the right type and shape.
   * Throws RUNTIME_RUN; DTYPE_UNSUPPORTED for string and packed types.
   */
  run(
    feeds: ReadonlyMap<string, NdArray>,
    into?: ReadonlyMap<string, NdArray>,
    left?: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, NdArray>>;
  close(): Promise<void>;
}

function loadOptions(options: SessionOptions, strict: boolean): LoadOptions {
  const config: Record<string, string> = {};
  if (options.lean) config.disable_prepacking = '1';
  if (options.folder !== undefined) config.model_external_initializers_file_folder_path = options.folder;
  if (strict) config.disable_cpu_ep_fallback = '1';
  return { ep: options.ep ?? CPU, config, plain: options.lean ?? false, threads: options.threads };
}

/** Loads with everything on the asked provider, else with some operators on the CPU (`mixed`). */
async function load(source: string | Uint8Array, options: SessionOptions) {
  const onCpu = (options.ep ?? CPU) === CPU;
  const strict = onCpu ? undefined : await createSession(source, loadOptions(options, true)).catch(() => undefined);
  if (strict) return { session: strict, mixed: false };
  return { session: await createSession(source, loadOptions(options, false)), mixed: !onCpu };
}

const NOTHING: ReadonlyMap<string, NdArray> = new Map();
const NONE: ReadonlySet<string> = new Set();

async function run(
  session: InferenceSession,
  label: string,
  feeds: ReadonlyMap<string, NdArray>,
  into = NOTHING,
  left = NONE,
) {
  const wanted = session.outputNames.filter((name) => !left.has(name));
  const given = (name: string) => {
    const array = into.get(name);
    return array ? toOrt(name, array) : null;
  };
  try {
    const inputs = Object.fromEntries([...feeds].map(([name, array]) => [name, toOrt(name, array)]));
    const fetches = Object.fromEntries(wanted.map((name) => [name, given(name)]));
    const results = new Map(Object.entries(await session.run(inputs, fetches)));
    return new Map(
      wanted.map((name): [string, NdArray] => {
        const written = into.get(name);
        if (written) return [name, written];
        const result = results.get(name);
        if (!result) throw runtimeRun(label, `it gives no output ${name}`);
        return [name, fromOrt(name, result)];
      }),
    );
  } catch (error) {
    throw error instanceof TransplantError ? error : runtimeRun(label, runtimeMessage(error));
  }
}

/**
 * Loads a model from a path or from its bytes.
 * Throws EP_UNAVAILABLE where the provider does not work here, RUNTIME_LOAD where ONNX Runtime refuses the model.
 */
export async function openSession(source: string | Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const label = options.label ?? (typeof source === 'string' ? source : 'a model in memory');
  await requireProvider(options.ep ?? CPU);
  const { session, mixed } = await load(source, options).catch((error: unknown) => {
    throw runtimeLoad(label, runtimeMessage(error));
  });
  return {
    label,
    inputs: session.inputMetadata.map(declared),
    outputs: session.outputMetadata.map(declared),
    mixed,
    run: (feeds, into, left) => run(session, label, feeds, into, left),
    close: () => session.release(),
  };
}

/** Runs `use` on a loaded model and closes it whatever happens. */
export async function withSession<T>(
  source: string | Uint8Array,
  options: SessionOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(source, options);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
