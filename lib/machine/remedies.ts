/** What to do about an execution provider that does not work on this machine, by what was found on it. */
import { CPU } from '../runtime/providers.js';
import type { Findings } from './findings.js';
import { missingLibrary } from './loader.js';
import type { ProviderTrial } from './try-provider.js';

/** One step, in one sentence or two; undefined where the next advice has the word. */
type Advice = (findings: Findings, trial: ProviderTrial) => string | undefined;

/** How to get the libraries that the package does not hold. Source: onnxruntime-node's script/install.js. */
const FETCH =
  'allow the install script of onnxruntime-node, which fetches it, and run ' +
  '`ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node`';

const on = ({ platform, arch }: Findings): string => `${platform}-${arch}`;

/** The provider closest to it on another platform. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['win32', 'try --ep dml or webgpu'],
  ['darwin', 'try --ep coreml or webgpu'],
]);

const onlyOn =
  (what: string, ...places: readonly string[]): Advice =>
  (findings) => {
    if (places.includes(on(findings)) || places.includes(findings.platform)) return undefined;
    const here = `onnxruntime-node has it for ${what} only, this is ${on(findings)}`;
    return `${here}; ${INSTEAD.get(findings.platform) ?? 'use --ep cpu'}`;
  };

/** The first of them that is not there. */
const library =
  (...files: readonly string[]): Advice =>
  ({ libraries }) => {
    const missing = files.find((file) => !libraries.includes(file));
    return missing && `its library ${missing} is missing: ${FETCH}`;
  };

/** What stands between ONNX Runtime and the library of each provider that is one by itself. */
const BRIDGE = 'libonnxruntime_providers_shared.so';

/** All that is missing: one without the other is of no use. */
const both =
  (...advices: readonly Advice[]): Advice =>
  (findings, trial) => {
    const said = advices.flatMap((advice) => advice(findings, trial) ?? []);
    return said.length > 0 ? said.join('; and ') : undefined;
  };

const nvidia: Advice = ({ nvidiaDriver, nvidiaGpus, nvidiaSmi }) => {
  if (nvidiaGpus || (nvidiaDriver !== undefined && nvidiaDriver !== '')) return undefined;
  const looked = [
    ...(nvidiaDriver === '' ? ['/proc/driver/nvidia/version is missing'] : []),
    `nvidia-smi: ${nvidiaSmi}`,
  ];
  return `this machine shows no NVIDIA GPU with a driver (${looked.join(', ')}): install the driver, or in a container pass the GPU in (--gpus all)`;
};

/** What the loader did not find, by its name; else what is likely. */
const needed =
  (likely: string): Advice =>
  (_, { why }) => {
    const missing = missingLibrary(why);
    if (!missing)
      return `driver and library are there, so ${likely} is not found: name their folders in LD_LIBRARY_PATH`;
    const { file, product } = missing;
    const install = product === undefined ? 'install what it belongs to' : `it belongs to ${product}: install that`;
    return `${file} is not found; ${install}, and name its folder in LD_LIBRARY_PATH`;
  };

const build = (name: string): string =>
  `the package on npm does not have it: build onnxruntime with ${name} and its Node.js binding, or use --ep cpu`;

const amdDevice: Advice = (findings) =>
  findings.amdDevice === false ? '/dev/kfd is missing, so no AMD GPU with ROCm is here' : undefined;

/** Vulkan is what WebGPU stands on where there is neither Direct3D nor Metal. */
const webgpuDriver: Advice = ({ platform }, { stderr, why }) => {
  if (platform !== 'linux')
    return 'update the driver of the GPU; a machine without one, or a remote desktop, has no adapter';
  const missing = /libvulkan\.so/.test(`${stderr}\n${why}`);
  return missing
    ? 'libvulkan.so.1 is missing: install the Vulkan loader (libvulkan1 on Debian and Ubuntu, vulkan-loader on Fedora) and a GPU driver with Vulkan'
    : 'no Vulkan driver offers an adapter: install that of your GPU (`vulkaninfo` lists what is found)';
};

/** In their order; the first that has a word says it. */
const ADVICE: ReadonlyMap<string, readonly Advice[]> = new Map<string, readonly Advice[]>([
  [CPU, [() => 'install onnxruntime-node again for this platform: `npm rebuild onnxruntime-node`']],
  [
    'cuda',
    [
      onlyOn('Linux x64', 'linux-x64'),
      both(library('libonnxruntime_providers_cuda.so', BRIDGE), nvidia),
      needed('CUDA or cuDNN 9'),
    ],
  ],
  [
    'tensorrt',
    [
      onlyOn('Linux x64', 'linux-x64'),
      both(library('libonnxruntime_providers_tensorrt.so', BRIDGE), nvidia),
      needed('TensorRT 10, CUDA or cuDNN 9'),
    ],
  ],
  ['webgpu', [onlyOn('Linux x64, Windows and macOS', 'linux-x64', 'win32', 'darwin'), webgpuDriver]],
  ['dml', [onlyOn('Windows', 'win32'), () => 'it needs a GPU with a Direct3D 12 driver: update the driver']],
  [
    'coreml',
    [
      onlyOn('macOS', 'darwin'),
      () => 'it needs macOS 10.15 or newer; a model that it cannot take whole runs on the CPU in part',
    ],
  ],
  ['qnn', [onlyOn('Windows arm64', 'win32-arm64'), () => 'it needs a Qualcomm NPU and its driver']],
  ['openvino', [() => build('OpenVINO')]],
  ['migraphx', [both(amdDevice, () => build('MIGraphX'))]],
]);

/** What to do; '' where the provider works. */
export function remedyFor(trial: ProviderTrial, findings: Findings): string {
  if (trial.works) return '';
  for (const advice of ADVICE.get(trial.name) ?? []) {
    const said = advice(findings, trial);
    if (said !== undefined) return said;
  }
  return 'use --ep cpu';
}
