/**
 * `npm run bench -- train [--nets mlp,lenet] [--python PYTHON]`: a training step (cross entropy, SGD with momentum) on 2 threads, and
 * PyTorch's same step where a Python that has torch is given. Each run is a process of its own; the two take turns.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FLOAT, INT64 } from '../../lib/ir/dtype.js';
import { ndarray } from '../../lib/ir/ndarray.js';
import { normal, seeded } from '../../lib/ir/random.js';
import { SGD } from '../../lib/training/optimizers.js';
import { buildStep } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { worthOneRun } from '../../lib/training/turns.js';
import { type Measured, measure, median } from './measure.js';
import { TRAINED } from './trained.js';

const ROUNDS = 3;
const THREADS = 2;
const MB = 2 ** 20;
/** First steps, in which memory is laid out. */
const WARM = 2;

/** Runs in the child process: the median of the steps. */
async function child(name: string): Promise<void> {
  const { make, batch, steps } = TRAINED.get(name) ?? fail(name);
  const graph = buildStep(make(), { loss: 'cross-entropy', optimizer: { ...SGD, momentum: 0.9 } });
  const session = await StepSession.open(graph, { threads: THREADS, turns: true });
  const random = seeded(1);
  const pixels = Float32Array.from({ length: batch * 3072 }, () => normal(random));
  const labels = BigInt64Array.from({ length: batch }, () => BigInt(Math.floor(random() * 10)));
  const feeds = new Map([
    ['input', ndarray(FLOAT, [batch, 3, 32, 32], pixels)],
    [graph.labels ?? '', ndarray(INT64, [batch], labels)],
  ]);
  const times: number[] = [];
  // As many steps in one run as a training chooses.
  let turns = 1;
  while (times.length < steps + WARM) {
    const started = performance.now();
    await session.runAll(Array.from({ length: turns }, () => ({ feeds, rate: 0.01 })));
    const seconds = (performance.now() - started) / 1000 / turns;
    for (let i = 0; i < turns; i++) times.push(seconds);
    turns = worthOneRun(graph, feeds, seconds);
  }
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ seconds: median(times.slice(WARM)), peakBytes }));
}

function fail(name: string): never {
  throw new RangeError(`no net ${name}: ${[...TRAINED.keys()].join(', ')}`);
}

const SCRIPT = fileURLToPath(new URL('../../../scripts/bench/train.py', import.meta.url));

function pytorch(python: string, name: string): Measured {
  const { batch, steps } = TRAINED.get(name) ?? fail(name);
  const run = spawnSync(python, [SCRIPT, name, ...[batch, steps, THREADS].map(String)], { encoding: 'utf8' });
  if (run.status !== 0) throw new RangeError(`${python} failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as Measured;
}

function row(name: string, python: string | undefined): string {
  const rounds = Array.from({ length: ROUNDS }, () => ({
    ours: measure(['train', '--child', name]),
    theirs: python ? pytorch(python, name) : undefined,
  }));
  const cell = (value: number, digits: number, width: number) => value.toFixed(digits).padStart(width);
  const ours = [
    median(rounds.map((each) => each.ours.seconds)) * 1000,
    median(rounds.map((each) => each.ours.peakBytes)) / MB,
  ];
  const start = [name.padEnd(9), cell(ours[0] as number, 1, 8), cell(ours[1] as number, 0, 8)];
  const torch = rounds.flatMap(({ theirs }) => theirs ?? []);
  if (torch.length === 0) return start.join(' ');
  const ratio = (of: (each: Measured) => number) =>
    median(rounds.map(({ ours: own, theirs }) => of(own) / of(theirs as Measured)));
  return [
    ...start,
    cell(median(torch.map((each) => each.seconds)) * 1000, 1, 9),
    cell(median(torch.map((each) => each.peakBytes)) / MB, 0, 8),
    cell(
      ratio((each) => each.seconds),
      2,
      6,
    ),
    cell(
      ratio((each) => each.peakBytes),
      2,
      7,
    ),
  ].join(' ');
}

/** Prints a row for each net. */
export async function benchTrain(args: readonly string[]): Promise<void> {
  if (args[0] === '--child') return child(args[1] ?? '');
  const { values } = parseArgs({ args: [...args], options: { python: { type: 'string' }, nets: { type: 'string' } } });
  const names = values.nets?.split(',') ?? [...TRAINED.keys()];
  console.log(`a step of SGD with momentum on ${THREADS} threads; medians of ${ROUNDS} processes; ms and MiB`);
  console.log(`net           ours    peak${values.python ? '   PyTorch    peak  ratio  memory' : ''}`);
  for (const name of names) console.log(row(name, values.python));
}
