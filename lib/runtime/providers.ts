/** Execution providers: which there are, and which really work on this machine. */
import { listSupportedBackends, Tensor } from 'onnxruntime-node';
import { epUnavailable } from '../errors.js';
import { runtimeMessage } from './message.js';
import { createSession } from './ort.js';

export const CPU = 'cpu';

/** What each provider needs, by its name in ONNX Runtime. Source: the onnxruntime-node package and its documentation. */
export const PROVIDERS: ReadonlyMap<string, string> = new Map([
  [CPU, 'nothing: it is always there'],
  [
    'cuda',
    'Linux x64, an NVIDIA GPU, CUDA and cuDNN 9; install onnxruntime-node with its install script allowed ' +
      '(it fetches the library, which is made for CUDA 12)',
  ],
  ['tensorrt', 'what cuda needs, and TensorRT 10'],
  ['webgpu', 'Linux x64, Windows or macOS, and a GPU driver with Vulkan, Direct3D 12 or Metal'],
  ['dml', 'Windows with a Direct3D 12 GPU'],
  ['coreml', 'macOS'],
  ['qnn', 'Windows arm64 with a Qualcomm NPU, and an onnxruntime-node built with QNN'],
  ['openvino', 'an onnxruntime-node built with OpenVINO'],
  ['migraphx', 'an AMD GPU with ROCm, and an onnxruntime-node built with MIGraphX'],
]);

/** How one provider fared. */
export interface ProviderStatus {
  readonly name: string;
  /** Whether this build of onnxruntime-node knows it. */
  readonly offered: boolean;
  /** Whether a model of one node ran on it. */
  readonly works: boolean;
  /** Why it does not work; '' where it does. */
  readonly why: string;
  /** What it needs. */
  readonly needs: string;
}

/** `y = Relu(x)`, two float32, opset 13: small enough for every provider to know all of it. */
const PROBE = Uint8Array.from(
  atob('CAg6MwoMCgF4EgF5IgRSZWx1EgFnWg8KAXgSCgoICAESBAoCCAJiDwoBeRIKCggIARIECgIIAkIECgAQDQ=='),
  (character) => character.charCodeAt(0),
);

/** The providers that this build of onnxruntime-node knows; not all of them need work on this machine. */
export const offeredProviders = (): readonly string[] => listSupportedBackends().map(({ name }) => name);

/** Runs the probe on nothing but `ep`. */
async function probe(ep: string): Promise<void> {
  const session = await createSession(PROBE, { ep, config: ep === CPU ? {} : { disable_cpu_ep_fallback: '1' } });
  try {
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(-1, 2), [2]) });
    const [negative, positive] = y?.data ?? [];
    if (negative !== 0 || positive !== 2) throw epUnavailable(ep, 'it computes Relu wrongly');
  } finally {
    await session.release();
  }
}

/** Tries one provider. Never throws. */
export async function tryProvider(name: string): Promise<ProviderStatus> {
  const needs = PROVIDERS.get(name) ?? '';
  const status = (offered: boolean, why: string) => ({ name, offered, works: why === '', why, needs });
  if (!offeredProviders().includes(name)) {
    const why = PROVIDERS.has(name) ? 'this build of onnxruntime-node does not have it' : 'no such provider is known';
    return status(false, why);
  }
  return probe(name).then(
    () => status(true, ''),
    (error: unknown) => status(true, runtimeMessage(error)),
  );
}

const tried = new Map<string, Promise<ProviderStatus>>();

/** Returns where `ep` works here, tried once a process. Throws EP_UNAVAILABLE where it does not: there is no fallback. */
export async function requireProvider(ep: string): Promise<void> {
  const trial = tried.get(ep) ?? tryProvider(ep);
  tried.set(ep, trial);
  const { works, why, needs } = await trial;
  if (!works) throw epUnavailable(ep, needs === '' ? why : `${why}; it needs ${needs}`);
}
