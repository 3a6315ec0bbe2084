/**
 * `npm run bench -- fuse`: two MLPs 3072-w-w-10, fused file to file, against a plain read of both and write of one (synced,
 * as ours is). Each run is a process of its own, so that its peak memory is its own; the two kinds take turns.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuse } from '../../lib/index.js';
import { writeModel } from '../../lib/onnx/write.js';
import { type Measured, measure, median, printMeasured } from './measure.js';
import { randomMlp } from './mlp.js';
import { plainCopy } from './plain.js';

const WIDTHS = [512, 1024, 2048, 4096, 8192];
const ROUNDS = 3;
const MB = 2 ** 20;
/** What a process may need beside the models' bytes. */
const ALLOWED_MB = 150;

/** Runs in the child process. */
function child([kind, output = '', ...members]: readonly string[]): Promise<void> {
  return printMeasured(() =>
    kind === 'plain' ? plainCopy(members, output) : fuse(members, { output, validate: kind !== 'unvalidated' }),
  );
}

async function benchWidth(width: number, folder: string): Promise<void> {
  const members = [0, 1].map((seed) => join(folder, `member-${seed}.onnx`));
  for (const [seed, path] of members.entries()) await writeModel(randomMlp(width, seed), path);
  const output = join(folder, 'out.onnx');
  const run = (kind: string): Measured => measure(['fuse', '--child', kind, output, ...members]);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const plain = run('plain');
    const unvalidated = run('unvalidated');
    return { plain, unvalidated, fused: run('fuse') };
  });
  const bytes = members.reduce((sum, path) => sum + statSync(path).size, 0) + statSync(output).size;
  const [plain, unvalidated, fused] = (['plain', 'unvalidated', 'fused'] as const).map((kind) =>
    median(rounds.map((round) => round[kind].seconds)),
  ) as [number, number, number];
  const ratio = median(rounds.map((round) => round.fused.seconds / round.plain.seconds));
  const peak = Math.max(...rounds.map((round) => round.fused.peakBytes)) / MB;
  const cells = [
    String(width).padStart(5),
    (bytes / MB).toFixed(0).padStart(9),
    plain.toFixed(3).padStart(9),
    fused.toFixed(3).padStart(9),
    ratio.toFixed(2).padStart(6),
    unvalidated.toFixed(3).padStart(13),
    peak.toFixed(0).padStart(9),
    (bytes / MB + ALLOWED_MB).toFixed(0).padStart(11),
  ];
  console.log(cells.join(' '));
}

/** Prints a row for each width. `--widths 512,1024` chooses others. */
export async function benchFuse(args: readonly string[]): Promise<void> {
  if (args[0] === '--child') return child(args.slice(1));
  const wanted = args[0] === '--widths' ? (args[1] ?? '').split(',').map(Number) : WIDTHS;
  const folder = mkdtempSync(join(tmpdir(), 'onnx-transplant-bench-'));
  console.log(`two MLPs 3072-w-w-10, file to file, validated; median of ${ROUNDS}; sizes in MiB, times in seconds`);
  console.log('width     bytes     plain      fuse  ratio  no validation      peak  peak limit');
  try {
    for (const width of wanted) await benchWidth(width, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
