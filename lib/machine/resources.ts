/** Processors and memory that this process may use, as the system and its container say. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** What computes. */
export interface Processors {
  /** The model of the first; '' where the system does not say. */
  readonly model: string;
  /** Cores of the machine. */
  readonly cores: number;
  /** Those that this process may run on. */
  readonly available: number;
  /** Processor time that a container allows, in cores; null where there is no such limit. */
  readonly quota: number | null;
}

/** In bytes. */
export interface Memory {
  readonly total: number;
  readonly free: number;
  /** What a container allows; null where there is no such limit. */
  readonly limit: number | null;
  /** How large JavaScript's own heap may become; weights and ONNX Runtime lie outside of it. */
  readonly heap: number;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Not this version of cgroups, or no Linux.
    return undefined;
  }
}

/** `max 100000`: no limit; `150000 100000`: one and a half cores (cgroup v2's cpu.max). */
export function quotaIn(cpuMax: string): number | null {
  const [quota, period] = cpuMax.split(/\s+/).map(Number);
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : null;
}

/** The quota of cgroup v2, or v1, whose root is the container's own. */
function quotaOf(): number | null {
  const v2 = textOf('/sys/fs/cgroup/cpu.max');
  if (v2 !== undefined) return quotaIn(v2);
  const [quota, period] = ['quota', 'period'].map((each) => textOf(`/sys/fs/cgroup/cpu/cpu.cfs_${each}_us`));
  return quota !== undefined && period !== undefined ? quotaIn(`${quota} ${period}`) : null;
}

/** What may be computed on. */
export const processorsOf = (): Processors => {
  const all = cpus();
  return { model: all[0]?.model.trim() ?? '', cores: all.length, available: availableParallelism(), quota: quotaOf() };
};

/** What may be held. */
export function memoryOf(): Memory {
  const [total, limit] = [totalmem(), process.constrainedMemory()];
  // Without a limit the system says 0, or more than the machine has.
  const limited = limit > 0 && limit < total ? limit : null;
  return { total, free: freemem(), limit: limited, heap: getHeapStatistics().heap_size_limit };
}
