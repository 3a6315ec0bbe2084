/** Small artifacts that onnxruntime-training 1.19.2 wrote, and what its own runtime makes of them (artifacts/make_artifacts.py). */
import { join } from 'node:path';
import { readNpz } from '../../lib/data/npz.js';
import type { NdArray } from '../../lib/ir/ndarray.js';
import { elementCount } from '../../lib/ir/numeric.js';
import type { StepSession } from '../../lib/training/step-session.js';

/** The folder of one net, `mlp-adamw` for instance. */
export const artifactsAt = (name: string): string => join(process.cwd(), 'test', 'training', 'artifacts', name);

/** All of them. */
export const ARTIFACTS: readonly string[] = [
  'mlp-adamw',
  'ignored-sgd',
  'acts-sgd',
  'norm-sgd',
  'moves-adamw',
  'pool-adamw',
  'conv-sgd',
];

export interface Trace {
  readonly inputs: readonly NdArray[];
  readonly labels: readonly NdArray[];
  readonly rate: number;
  /** Of each batch, before its update. */
  readonly losses: readonly number[];
  /** Parameters after the last step. */
  readonly final: ReadonlyMap<string, NdArray>;
}

/** The arrays along the first axis. */
export function batchesOf({ dtype, dims, data }: NdArray): readonly NdArray[] {
  const [count = 0, ...rest] = dims;
  const size = elementCount(rest);
  return Array.from({ length: count }, (_, i) => ({ dtype, dims: rest, data: data.slice(i * size, (i + 1) * size) }));
}

const numbers = (array: NdArray | undefined): readonly number[] => Array.from(array?.data ?? [], Number);

export const traceOf = (name: string): Promise<Trace> => readTrace(join(artifactsAt(name), 'trace.npz'));

/** The trace in an .npz. */
export async function readTrace(path: string): Promise<Trace> {
  const arrays = await readNpz(path);
  const prefix = 'final.';
  const final = [...arrays].filter(([key]) => key.startsWith(prefix));
  const batches = (key: string) => batchesOf(arrays.get(key) ?? { dtype: 1, dims: [0], data: new Float32Array() });
  return {
    inputs: batches('input'),
    labels: batches('labels'),
    rate: numbers(arrays.get('rate'))[0] as number,
    losses: numbers(arrays.get('loss')),
    final: new Map(final.map(([key, array]) => [key.slice(prefix.length), array])),
  };
}

/** One step on each batch; the losses. */
export async function trainOn(session: StepSession, trace: Trace, from = 0): Promise<readonly number[]> {
  const { graph } = session;
  const losses: number[] = [];
  for (let i = from; i < trace.inputs.length; i++) {
    const feeds = new Map([
      [graph.inputs[0] as string, trace.inputs[i] as NdArray],
      [graph.labels as string, trace.labels[i] as NdArray],
    ]);
    losses.push((await session.run({ feeds, rate: trace.rate })).loss);
  }
  return losses;
}

/** The largest distance between two lists of one length. */
export const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length ? Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] as number)))) : Infinity;
