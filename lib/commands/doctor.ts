/** `doctor`: what works on this machine, and what to do about what does not. */
import { tmpdir } from 'node:os';
import { quoted, usage } from '../errors.js';
import { findOut } from '../machine/findings.js';
import { type FolderReport, tryFolder } from '../machine/folder.js';
import { remedyFor } from '../machine/remedies.js';
import { type Memory, memoryOf, type Processors, processorsOf } from '../machine/resources.js';
import { type ProviderTrial, tryInChild } from '../machine/try-provider.js';
import { RUNTIME_VERSION } from '../runtime/ort.js';
import { CPU, offeredProviders, PROVIDERS } from '../runtime/providers.js';
import type { RunOptions } from './options.js';
import { pause } from './pause.js';
import { VERSION } from './version.js';

/** What to look at. */
export interface DoctorOptions extends RunOptions {
  /** Execution providers to try beside `cpu`; all that are known unless told. */
  readonly ep?: readonly string[] | undefined;
  /** Seconds that each may take; 60 unless told. */
  readonly timeout?: number | undefined;
}

/** How one execution provider fared. */
export interface ProviderReport extends ProviderTrial {
  /** What it runs on, where that can be told; else null. */
  readonly device: string | null;
  /** What it needs in general. */
  readonly needs: string;
  /** What to do on this machine; '' where it works. */
  readonly remedy: string;
  /** Whether the answer depends on it: `cpu` and what was asked for. */
  readonly required: boolean;
}

/** What was found on this machine. */
export interface DoctorReport {
  readonly schema: 'onnx-transplant/doctor@1';
  /** Whether the CPU works, and all providers that were asked for. */
  readonly ok: boolean;
  readonly version: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly platform: string;
  readonly arch: string;
  readonly providers: readonly ProviderReport[];
  readonly processors: Processors;
  readonly memory: Memory;
  readonly folders: { readonly temporary: FolderReport; readonly current: FolderReport };
  readonly notes: readonly string[];
}

/** Time for a driver to start, and to compile its first kernel. */
const TIMEOUT = 60;

/** The providers to try, `cpu` first. Throws USAGE for a name that is none. */
function providersOf({ ep }: DoctorOptions): readonly string[] {
  const known = new Set([...PROVIDERS.keys(), ...offeredProviders()]);
  const unknown = ep?.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw usage(`--ep: no execution provider is called ${quoted(unknown)}`, `Known are ${[...known].join(', ')}.`);
  }
  return [...new Set([CPU, ...(ep ?? known)])];
}

function timeoutOf({ timeout = TIMEOUT }: DoctorOptions): number {
  if (timeout > 0 && timeout <= 3600) return timeout;
  throw usage(`--timeout is a number of seconds above 0, at most 3600, not ${timeout}`);
}

/** What cannot be written to, and what writing a model safely needs. */
function folderNotes({ path, writable, why, abilities }: FolderReport): readonly string[] {
  if (!writable) return [`nothing can be written to ${quoted(path)} (${why})`];
  const missing = abilities.filter(({ name, works }) => !works && (name === 'rename' || name === 'sync'));
  return missing.map(
    (each) => `${quoted(path)} has no ${each.name} (${each.why}): models cannot be written there safely`,
  );
}

/**
 * Tries this machine: each execution provider with a model of one node in a process of its own, so that a driver's crash or hang is
 * an answer; processors, memory, and the temporary and the current folder with files that are removed again. What does not work is
 * an answer, not an error. Throws USAGE, CANCELLED.
 */
export async function doctor(options: DoctorOptions = {}): Promise<DoctorReport> {
  const [names, timeoutSeconds] = [providersOf(options), timeoutOf(options)];
  const { signal, onProgress } = options;
  const findings = await findOut({ timeoutSeconds: Math.min(timeoutSeconds, 20), signal });
  const processors = processorsOf();
  const devices = new Map([
    [CPU, processors.model],
    ...['cuda', 'tensorrt'].map((name) => [name, (findings.nvidiaGpus ?? []).join('; ')] as const),
  ]);
  const providers: ProviderReport[] = [];
  for (const [done, name] of names.entries()) {
    await pause(signal);
    onProgress?.({ stage: `trying ${name}`, done, total: names.length });
    const trial = await tryInChild(name, { timeoutSeconds, signal });
    const device = devices.get(name) || null;
    const required = name === CPU || (options.ep ?? []).includes(name);
    providers.push({
      ...trial,
      device,
      needs: PROVIDERS.get(name) ?? '',
      remedy: remedyFor(trial, findings),
      required,
    });
  }
  const folders = { temporary: tryFolder(tmpdir()), current: tryFolder(process.cwd()) };
  return {
    schema: 'onnx-transplant/doctor@1',
    ok: providers.every(({ works, required }) => works || !required),
    version: VERSION,
    node: process.versions.node,
    onnxruntime: RUNTIME_VERSION,
    platform: process.platform,
    arch: process.arch,
    providers,
    processors,
    memory: memoryOf(),
    folders,
    notes: [...folderNotes(folders.temporary), ...folderNotes(folders.current)],
  };
}
