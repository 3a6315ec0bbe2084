/** PyTorch's training traces (../shared/reference/training) trained again: losses, first gradients, final parameters. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadMember } from '../../lib/commands/load.js';
import { readNpz } from '../../lib/data/npz.js';
import { FLOAT, INT64 } from '../../lib/ir/dtype.js';
import type { Model } from '../../lib/ir/model.js';
import { type NdArray, ndarray, toReals } from '../../lib/ir/ndarray.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { withSession } from '../../lib/runtime/session.js';
import { buildGradients } from '../../lib/training/judging-graph.js';
import type { Distillation } from '../../lib/training/losses.js';
import { ADAMW, type Optimizer, SGD } from '../../lib/training/optimizers.js';
import { buildStep, type StepOptions } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { ROOT } from './cases.js';

const NETS = ['digits-mlp0', 'digits-cnn0', 'lenet0'];
const STRICT = 1e-5;
const LOOSE = 1e-2;
const GRADIENTS = 1e-5;
const PARAMETERS = 1e-3;

interface Config {
  readonly optimizer: Optimizer;
  readonly rate: number;
  readonly distillation?: Distillation;
}

const CONFIGS: ReadonlyMap<string, Config> = new Map<string, Config>([
  ['sgd', { optimizer: SGD, rate: 0.05 }],
  ['momentum', { optimizer: { ...SGD, momentum: 0.9, weightDecay: 1e-4 }, rate: 0.01 }],
  ['adamw', { optimizer: ADAMW, rate: 1e-3 }],
  ['adamw-eps6-wd0', { optimizer: { ...ADAMW, epsilon: 1e-6, weightDecay: 0 }, rate: 1e-3 }],
  ['adamw-ort', { optimizer: { ...ADAMW, epsilon: 1e-6, weightDecay: 0, form: 'onnxruntime' }, rate: 1e-3 }],
  ['distill', { optimizer: SGD, rate: 0.05, distillation: { temperature: 2, alpha: 1, soft: 'kl' } }],
  [
    'distill-mixed',
    { optimizer: SGD, rate: 0.05, distillation: { temperature: 2, alpha: 0.25, soft: 'cross-entropy' } },
  ],
]);

type Arrays = ReadonlyMap<string, NdArray>;

const arrayIn = (arrays: Arrays, name: string): NdArray => arrays.get(name) ?? ndarray(FLOAT, [0], new Float32Array());

/** Entry `i` along the first axis. */
function entry({ dtype, dims, data }: NdArray, i: number): NdArray {
  const [count = 1, ...rest] = dims;
  const size = data.length / count;
  return ndarray(dtype, rest, data.slice(i * size, (i + 1) * size));
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < b.length; i++) most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)));
  return most;
};

interface Names {
  readonly labels: string | undefined;
  readonly teacher: string | undefined;
}

const feedsOf = (input: string, { labels, teacher }: Names, batches: Arrays, taught: Arrays, i: number) => {
  const feeds = new Map([[input, entry(arrayIn(batches, 'input'), i)]]);
  const label = entry(arrayIn(batches, 'label'), i);
  if (labels)
    feeds.set(labels, ndarray(INT64, label.dims, BigInt64Array.from(label.data as ArrayLike<number>, BigInt)));
  const [logits] = taught.values();
  if (teacher && logits) feeds.set(teacher, entry(logits, i));
  return feeds;
};

/** The configurations that onnxruntime-training has a trace of, and where. */
const OF_ORT: ReadonlyMap<string, string> = new Map([
  ['sgd', 'sgd'],
  ['adamw-ort', 'adamw'],
]);

/**
 * The first step at which float32 itself parts: PyTorch's from its float64, or from onnxruntime-training's float32, because some
 * ReLU or MaxPool is so near a tie that the order of a sum decides it.
 */
async function parting(net: string, config: string, expected: Arrays): Promise<number> {
  const losses = toReals(arrayIn(expected, 'loss'), 'loss');
  const folder = OF_ORT.get(config);
  const path = folder && join(ROOT, 'ort-artifacts', net, folder, 'trace.npz');
  const ort = path && existsSync(path) ? [toReals(arrayIn(await readNpz(path), 'loss'), 'loss')] : [];
  const others = [toReals(arrayIn(expected, 'loss_float64'), 'loss'), ...ort];
  const at = losses.findIndex((loss, i) => others.some((other) => Math.abs(loss - (other[i] ?? loss)) > STRICT));
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

/** First gradients below this are rounding: a bias in front of a normalisation has none, and AdamW makes steps of the rounding. */
const NOISE = 1e-6;

/** Parameters whose gradient is nothing but rounding, and running means that they move: what they become means nothing. */
async function noiseOf(net: string, { graph }: Model): Promise<ReadonlySet<string>> {
  const arrays = await readNpz(join(ROOT, 'training', `${net}-sgd.npz`));
  const names = [...arrays.keys()].filter((name) => name.startsWith('grad0.'));
  const largest = (name: string) => Math.max(...Array.from(toReals(arrayIn(arrays, name), name), Math.abs));
  const noise = new Set(names.filter((name) => largest(name) < NOISE).map((name) => name.slice('grad0.'.length)));
  const moved = graph.nodes
    .filter((node) => node.inputs.some((name) => noise.has(name)))
    .flatMap((node) => node.outputs);
  const means = graph.nodes.flatMap(({ inputs }) => (moved.includes(inputs[0] ?? '') ? (inputs[3] ?? []) : []));
  return new Set([...noise, ...means]);
}

/** The largest difference of the first batch's gradients; undefined where the reference has none. */
async function gradientsOff(model: Model, step: StepOptions, feeds: (names: Names) => Arrays, expected: Arrays) {
  if (![...expected.keys()].some((name) => name.startsWith('grad0.'))) return undefined;
  const graph = buildGradients(model, step);
  const results = await withSession(encodeModel(graph.model), {}, (session) =>
    session.run(feeds({ labels: graph.labels || undefined, teacher: graph.teacher })),
  );
  const off = [...graph.gradients].map(([name, output]) =>
    worst(toReals(arrayIn(results, output), name), toReals(arrayIn(expected, `grad0.${name}`), name)),
  );
  return Math.max(...off);
}

async function check(net: string, name: string, { optimizer, rate, distillation }: Config): Promise<boolean> {
  const folder = join(ROOT, 'training');
  const read = (what: string) => readNpz(join(folder, `${net}-${what}.npz`));
  const [expected, batches] = [await read(name), await read('batches')];
  const taught: Arrays = distillation ? await read('teacher') : new Map();
  const model = loadMember(join(ROOT, 'members', `${net}.onnx`));
  const noise = await noiseOf(net, model);
  const step: StepOptions = { loss: distillation ?? 'cross-entropy', optimizer };
  const graph = buildStep(model, step);
  const input = graph.inputs[0] as string;
  const losses = toReals(arrayIn(expected, 'loss'), 'loss');
  const parts = await parting(net, name, expected);
  const session = await StepSession.open(graph);
  let [strict, loose] = [0, 0];
  for (const [i, loss] of losses.entries()) {
    const made = await session.run({ feeds: feedsOf(input, graph, batches, taught, i), rate });
    const off = Math.abs(made.loss - loss);
    if (i < parts) strict = Math.max(strict, off);
    else loose = Math.max(loose, off);
  }
  const ends = session
    .parameters()
    .filter((tensor) => !noise.has(tensor.name))
    .map((tensor) => worst(tensorReals(tensor), toReals(arrayIn(expected, tensor.name), tensor.name)));
  await session.close();
  const gradients = await gradientsOff(model, step, (names) => feedsOf(input, names, batches, taught, 0), expected);
  const final = Math.max(...ends);
  const finalBound = parts === Number.POSITIVE_INFINITY ? PARAMETERS : LOOSE;
  const good = strict < STRICT && loose < LOOSE && (gradients ?? 0) < GRADIENTS && final < finalBound;
  const cells = [
    `${net} ${name}`.padEnd(28),
    strict.toExponential(1).padStart(8),
    (parts === Number.POSITIVE_INFINITY ? 'never' : String(parts + 1)).padStart(6),
    (loose === 0 ? '-' : loose.toExponential(1)).padStart(8),
    (gradients === undefined ? '-' : gradients.toExponential(1)).padStart(9),
    final.toExponential(1).padStart(10),
    good ? '' : '  FALLS SHORT',
  ];
  console.log(cells.join(' ').trimEnd());
  return good;
}

/** Prints a row for each trace; how many there are and how many fall short. */
export async function checkTraces(): Promise<{ readonly count: number; readonly short: number }> {
  console.log(`\n${'training, 20 steps'.padEnd(28)}     loss  parts     then  gradient  parameter`);
  let [count, short] = [0, 0];
  for (const net of NETS) {
    for (const [name, config] of CONFIGS) {
      if (!existsSync(join(ROOT, 'training', `${net}-${name}.npz`))) continue;
      count += 1;
      if (!(await check(net, name, config))) short += 1;
    }
  }
  console.log(`${count - short} of ${count} traces of PyTorch are met`);
  return { count, short };
}
