import { expect, test } from '@jest/globals';
import type { Findings } from '../../lib/machine/findings.js';
import { remedyFor } from '../../lib/machine/remedies.js';
import { PROVIDERS } from '../../lib/runtime/providers.js';

const LINUX: Findings = {
  platform: 'linux',
  arch: 'x64',
  libraries: ['libonnxruntime.so.1'],
  nvidiaDriver: '',
  nvidiaGpus: undefined,
  nvidiaSmi: 'not found',
  amdDevice: false,
};
const MAC: Findings = { ...LINUX, platform: 'darwin', arch: 'arm64', nvidiaDriver: undefined, amdDevice: undefined };
const WINDOWS: Findings = { ...MAC, platform: 'win32', arch: 'x64' };
const CUDA = ['cuda', 'tensorrt', 'shared'].map((name) => `libonnxruntime_providers_${name}.so`);
const DRIVER = { nvidiaDriver: 'NVRM version: 550', nvidiaGpus: ['H100, 550'], nvidiaSmi: '' };

const remedy = (name: string, findings: Findings, stderr = '') =>
  remedyFor({ name, offered: true, works: false, why: 'failed', seconds: null, stderr }, findings);

test.each([
  [
    'cuda',
    'neither library nor GPU',
    LINUX,
    [/providers_cuda\.so is missing/, /npm rebuild/, /nvidia\/version is missing/],
  ],
  ['cuda', 'a GPU, no library', { ...LINUX, ...DRIVER }, [/^its library .* is missing/]],
  [
    'cuda',
    'its library without the one between',
    { ...LINUX, ...DRIVER, libraries: CUDA.slice(0, 2) },
    [/^its library libonnxruntime_providers_shared\.so is missing: .*npm rebuild/],
  ],
  [
    'cuda',
    'a library, no GPU',
    { ...LINUX, libraries: CUDA },
    [/^this machine shows no NVIDIA GPU.*nvidia-smi: not found/],
  ],
  ['cuda', 'both', { ...LINUX, ...DRIVER, libraries: CUDA }, [/^driver and library are there, so CUDA or cuDNN 9/]],
  ['cuda', 'Windows', WINDOWS, [/Linux x64 only, this is win32-x64; try --ep dml/]],
  ['cuda', 'macOS', MAC, [/Linux x64 only, this is darwin-arm64; try --ep coreml/]],
  ['tensorrt', 'both', { ...LINUX, ...DRIVER, libraries: CUDA }, [/TensorRT 10/]],
  ['webgpu', 'Linux on arm64', { ...LINUX, arch: 'arm64' }, [/this is linux-arm64/]],
  ['webgpu', 'no adapter', LINUX, [/no Vulkan driver/]],
  ['dml', 'Linux', LINUX, [/Windows only/]],
  ['dml', 'Windows', WINDOWS, [/Direct3D 12/]],
  ['coreml', 'Linux', LINUX, [/macOS only/]],
  ['migraphx', 'no AMD GPU', LINUX, [/\/dev\/kfd is missing/, /build onnxruntime with MIGraphX/]],
  ['migraphx', 'macOS, where nothing was looked for', MAC, [/^the package on npm/]],
])('%s, %s', (name, _, findings, words) => {
  for (const word of words) expect(remedy(name, findings)).toMatch(word);
});

test.each([
  [
    'libcublasLt.so.13: cannot open shared object file: No such file or directory',
    /^libcublasLt\.so\.13 .*to CUDA 13:/,
  ],
  ['libcudart.so.12: cannot open shared object file', /^libcudart\.so\.12 .*to CUDA 12:/],
  ['libcurand.so.10: cannot open shared object file', /^libcurand\.so\.10 .*to CUDA:/],
  ['libcudnn.so.9: cannot open shared object file', /^libcudnn\.so\.9 .*to cuDNN 9:/],
  ['libcuda.so.1: cannot open shared object file', /^libcuda\.so\.1 .*to the NVIDIA driver:/],
  ['libfoo.so: cannot open shared object file', /^libfoo\.so is not found; install what it belongs to/],
  ['libcudnn.so.9: undefined symbol: cublasLtGetVersion', /^driver and library are there/],
])('what the loader says is heard: %s', (words, expected) => {
  const why = `Failed to load shared library (${words})`;
  const findings = { ...LINUX, ...DRIVER, libraries: CUDA };
  const trial = { name: 'cuda', offered: true, works: false, why, seconds: null, stderr: '' };
  expect(remedyFor(trial, findings)).toMatch(expected);
});

test('what was not looked at is not claimed', () => {
  expect(remedy('cuda', { ...LINUX, ...DRIVER })).not.toMatch(/nvidia/i);
});

test('the word of a driver that Vulkan is missing is heard', () => {
  expect(remedy('webgpu', LINUX, "Couldn't load Vulkan: libvulkan.so.1: cannot open")).toMatch(/libvulkan1/);
});

test('every provider has a remedy on every platform, and none where it works', () => {
  for (const name of PROVIDERS.keys()) {
    for (const findings of [LINUX, MAC, WINDOWS]) expect(remedy(name, findings)).not.toBe('');
    expect(remedyFor({ name, offered: true, works: true, why: '', seconds: 1, stderr: '' }, LINUX)).toBe('');
  }
});
