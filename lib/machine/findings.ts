/** What this machine has that execution providers need: looked at, not guessed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type ChildOptions, runChild } from './child.js';

/** What was looked at; undefined where it was not, because it does not apply to this platform. */
export interface Findings {
  readonly platform: string;
  readonly arch: string;
  /** Files of onnxruntime-node for this platform, by name. */
  readonly libraries: readonly string[];
  /** First line of /proc/driver/nvidia/version; '' where there is none. */
  readonly nvidiaDriver: string | undefined;
  /** GPUs that nvidia-smi names; undefined where it is not on the PATH or fails. */
  readonly nvidiaGpus: readonly string[] | undefined;
  /** Why nvidia-smi named none: `not found`, or what it said; '' where it named some. */
  readonly nvidiaSmi: string;
  /** Whether there is AMD's device for computing, /dev/kfd. */
  readonly amdDevice: boolean | undefined;
}

/** The folder of onnxruntime-node's libraries for this platform. */
function librariesOf(platform: string, arch: string): readonly string[] {
  const root = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin');
  // bin/napi-v6/linux/x64; the number is that of Node's binary interface.
  const folders = existsSync(root) ? readdirSync(root).map((napi) => join(root, napi, platform, arch)) : [];
  return folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder));
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n')[0] ?? '';
  } catch {
    // No such driver: that is the finding.
    return '';
  }
}

async function nvidiaGpus(options: ChildOptions): Promise<Pick<Findings, 'nvidiaGpus' | 'nvidiaSmi'>> {
  const words = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
  const { code, failure, timedOut, stdout, stderr } = await runChild('nvidia-smi', words, options);
  const gpus = stdout.split('\n').filter((line) => line.trim() !== '');
  if (code === 0 && gpus.length > 0) return { nvidiaGpus: gpus, nvidiaSmi: '' };
  const said = `${stdout}\n${stderr}`.trim().split('\n')[0] ?? '';
  const why =
    failure === 'ENOENT' ? 'not found' : timedOut ? 'does not answer' : said || failure || `ends with ${code}`;
  return { nvidiaGpus: undefined, nvidiaSmi: why };
}

/** Looks. Throws CANCELLED. */
export async function findOut(options: ChildOptions): Promise<Findings> {
  const { platform, arch } = process;
  const linux = platform === 'linux';
  const nvidia = platform === 'darwin' ? { nvidiaGpus: undefined, nvidiaSmi: '' } : await nvidiaGpus(options);
  return {
    platform,
    arch,
    libraries: librariesOf(platform, arch),
    nvidiaDriver: linux ? firstLine('/proc/driver/nvidia/version') : undefined,
    amdDevice: linux ? existsSync('/dev/kfd') : undefined,
    ...nvidia,
  };
}
