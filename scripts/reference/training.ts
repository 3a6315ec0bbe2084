/**
 * Artifacts and checkpoints that onnxruntime-training 1.19.2 wrote (../shared/reference/ort-artifacts), trained here, from the start
 * and from the checkpoint after five steps, and held against the losses and parameters that its own runtime came to.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz } from '../../lib/data/npz.js';
import { FLOAT, INT64 } from '../../lib/ir/dtype.js';
import { type NdArray, ndarray, toReals } from '../../lib/ir/ndarray.js';
import { elementCount, tensorReals } from '../../lib/ir/numeric.js';
import { readArtifacts } from '../../lib/training/artifacts/files.js';
import { joinArtifacts } from '../../lib/training/artifacts/join-set.js';
import { stateOf } from '../../lib/training/artifacts/start.js';
import { StepSession } from '../../lib/training/step-session.js';
import { ROOT } from './cases.js';

const RATES: ReadonlyMap<string, number> = new Map([
  ['adamw', 1e-3],
  ['sgd', 0.05],
]);
/** The steps from which on PyTorch and onnxruntime-training part in these (the README beside the data); the others never do. */
const PARTS: ReadonlyMap<string, number> = new Map([
  ['digits-cnn0/sgd', 15],
  ['lenet0/sgd', 17],
]);
const NETS = ['digits-mlp0', 'digits-cnn0', 'lenet0'];
/** Steps before `checkpoint-step5`. */
const SAVED = 5;
const STRICT = 1e-5;
const LOOSE = 1e-2;

type Arrays = ReadonlyMap<string, NdArray>;

const realsIn = (arrays: Arrays, name: string) =>
  toReals(arrays.get(name) ?? ndarray(FLOAT, [0], new Float32Array()), name);

/** Entry `i` along the first axis. */
function entry(arrays: Arrays, name: string, i: number): NdArray {
  const { dtype, dims, data } = arrays.get(name) ?? ndarray(FLOAT, [0], new Float32Array());
  const rest = dims.slice(1);
  const size = elementCount(rest);
  return ndarray(dtype, rest, data.slice(i * size, (i + 1) * size));
}

/** Class numbers as onnxruntime-training wants them. */
const classes = ({ dims, data }: NdArray): NdArray =>
  ndarray(INT64, dims, BigInt64Array.from(data as ArrayLike<number | bigint>, BigInt));

interface Ended {
  readonly losses: readonly number[];
  readonly parameters: ReadonlyMap<string, ArrayLike<number>>;
}

async function train(folder: string, checkpoint: string, batches: Arrays, rate: number): Promise<Ended> {
  const artifacts = readArtifacts(folder, join(folder, checkpoint));
  const graph = joinArtifacts(artifacts);
  const session = await StepSession.open(graph);
  session.restore(stateOf(graph, artifacts.checkpoint));
  const losses: number[] = [];
  for (let i = session.step; i < (batches.get('label')?.dims[0] ?? 0); i++) {
    const feeds = new Map([
      [graph.inputs[0] as string, entry(batches, 'input', i)],
      [graph.labels as string, classes(entry(batches, 'label', i))],
    ]);
    losses.push((await session.run({ feeds, rate })).loss);
  }
  const parameters = new Map(session.parameters().map((tensor) => [tensor.name, tensorReals(tensor)]));
  await session.close();
  return { losses, parameters };
}

/** The largest difference in steps [from, to). */
const worst = (a: ArrayLike<number>, b: ArrayLike<number>, from = 0, to = b.length): number => {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = from; i < to; i++) most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)));
  return most;
};

async function check(name: string, batches: Arrays, rate: number): Promise<boolean> {
  const folder = join(ROOT, 'ort-artifacts', name);
  const expected = await readNpz(join(folder, 'trace.npz'));
  const losses = realsIn(expected, 'loss');
  const parts = PARTS.get(name) ?? losses.length;
  const whole = await train(folder, 'checkpoint', batches, rate);
  const resumed = await train(folder, `checkpoint-step${SAVED}`, batches, rate);
  const later = realsIn(expected, 'loss_resumed_from_step5');
  const strict = Math.max(worst(whole.losses, losses, 0, parts), worst(resumed.losses, later, 0, parts - SAVED));
  const loose = Math.max(worst(whole.losses, losses, parts), worst(resumed.losses, later, parts - SAVED));
  const final = Math.max(
    ...[...whole.parameters].map(([parameter, values]) => worst(values, realsIn(expected, `final.${parameter}`))),
  );
  const good = strict < STRICT && loose < LOOSE && final < LOOSE && whole.parameters.size > 0;
  const cells = [
    name.padEnd(28),
    strict.toExponential(1).padStart(8),
    (parts === losses.length ? 'never' : String(parts + 1)).padStart(6),
    (parts === losses.length ? '-' : loose.toExponential(1)).padStart(8),
    final.toExponential(1).padStart(10),
    good ? '' : '  FALLS SHORT',
  ];
  console.log(cells.join(' ').trimEnd());
  return good;
}

/** Prints a row for each set of artifacts; how many there are and how many fall short. */
export async function checkArtifacts(): Promise<{ readonly count: number; readonly short: number }> {
  console.log(`\n${'artifacts, 20 steps, resumed'.padEnd(28)}     loss  parts     then  parameter`);
  let [count, short] = [0, 0];
  for (const net of NETS) {
    if (!existsSync(join(ROOT, 'ort-artifacts', net))) continue;
    const batches = await readNpz(join(ROOT, 'training', `${net}-batches.npz`));
    for (const [optimizer, rate] of RATES) {
      count += 1;
      if (!(await check(`${net}/${optimizer}`, batches, rate))) short += 1;
    }
  }
  console.log(`${count - short} of ${count} trainings of onnxruntime-training are met`);
  return { count, short };
}
