/**
 * `npm run bench -- train [--nets mlp,lenet] [--python PYTHON] [--ep cuda]`: a training step (cross entropy, SGD with momentum) on 2
 * threads or a GPU, and PyTorch's same step where a Python that has torch is given. Each run is a process of its own; the two take turns.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FLOAT, INT64 } from '../../lib/ir/dtype.js';
import { ndarray } from '../../lib/ir/ndarray.js';
import { normal, seeded } from '../../lib/ir/random.js';
import { allowRounding } from '../../lib/runtime/ort.js';
import { CPU } from '../../lib/runtime/providers.js';
import { SGD } from '../../lib/training/optimizers.js';
import { buildStep } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { type LastRun, worthOneRun } from '../../lib/training/turns.js';
import { type Measured, measure, median } from './measure.js';
import { TRAINED } from './trained.js';

const ROUNDS = 3;
const THREADS = 2;
const MB = 2 ** 20;
/** First steps, in which memory is laid out. */
const WARM = 2;

/** How many steps are measured. On a GPU they are short, and the first ones find out how many of them make a run. */
const stepsOn = (ep: string, steps: number): number => (ep === CPU ? steps : 30 * steps);

/** Runs in the child process: the median of the steps. */
async function child(name: string, ep: string): Promise<void> {
  const { make, batch, ...net } = TRAINED.get(name) ?? fail(name);
  const steps = stepsOn(ep, net.steps);
  allowRounding();
  const graph = buildStep(make(), { loss: 'cross-entropy', optimizer: { ...SGD, momentum: 0.9 } });
  const session = await StepSession.open(graph, { ep, threads: THREADS, turns: true });
  const random = seeded(1);
  const pixels = Float32Array.from({ length: batch * 3072 }, () => normal(random));
  const labels = BigInt64Array.from({ length: batch }, () => BigInt(Math.floor(random() * 10)));
  const feeds = new Map([
    ['input', ndarray(FLOAT, [batch, 3, 32, 32], pixels)],
    [graph.labels ?? '', ndarray(INT64, [batch], labels)],
  ]);
  const times: number[] = [];
  // As many steps in one run as a training chooses.
  let last: LastRun | undefined;
  while (times.length < steps + WARM) {
    const steps = worthOneRun(graph, feeds, last);
    const started = performance.now();
    await session.runAll(Array.from({ length: steps }, () => ({ feeds, rate: 0.01 })));
    last = { steps, seconds: (performance.now() - started) / 1000 };
    for (let i = 0; i < steps; i++) times.push(last.seconds / steps);
  }
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ seconds: median(times.slice(WARM)), peakBytes }));
}

function fail(name: string): never {
  throw new RangeError(`no net ${name}: ${[...TRAINED.keys()].join(', ')}`);
}

const SCRIPT = fileURLToPath(new URL('../../../scripts/bench/train.py', import.meta.url));

function pytorch(python: string, name: string, ep: string): Measured {
  const { batch, steps } = TRAINED.get(name) ?? fail(name);
  const numbers = [batch, stepsOn(ep, steps), THREADS].map(String);
  const run = spawnSync(python, [SCRIPT, name, ...numbers, ep], { encoding: 'utf8' });
  if (run.status !== 0) throw new RangeError(`${python} failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as Measured;
}

function row(name: string, python: string | undefined, ep: string): string {
  const rounds = Array.from({ length: ROUNDS }, () => ({
    ours: measure(['train', '--child', name, ep]),
    theirs: python ? pytorch(python, name, ep) : undefined,
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
  if (args[0] === '--child') return child(args[1] ?? '', args[2] ?? CPU);
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { python: text, nets: text, ep: { ...text, default: CPU } },
  });
  const names = values.nets?.split(',') ?? [...TRAINED.keys()];
  const on = values.ep === CPU ? `${THREADS} threads` : values.ep;
  console.log(`a step of SGD with momentum on ${on}; medians of ${ROUNDS} processes; ms and MiB`);
  console.log(`net           ours    peak${values.python ? '   PyTorch    peak  ratio  memory' : ''}`);
  for (const name of names) console.log(row(name, values.python, values.ep));
}
