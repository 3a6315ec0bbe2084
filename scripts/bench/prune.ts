/**
 * `npm run bench -- prune`: a ResNet-50 pruned at 0.5 file to file, validated in ONNX Runtime, against a plain read of the file
 * and write of as many bytes as come out. Each run is a process of its own; the kinds take turns.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prune } from '../../lib/index.js';
import { writeModel } from '../../lib/onnx/write.js';
import { type Measured, measure, median, printMeasured } from './measure.js';
import { plainCopy } from './plain.js';
import { resnet50 } from './resnet.js';

const ROUNDS = 5;
const MB = 2 ** 20;

function child([kind, input = '', output = '', size]: readonly string[]): Promise<void> {
  if (kind === 'plain') return printMeasured(() => plainCopy([input], output, Number(size)));
  return printMeasured(() => prune(input, { ratio: 0.5, output, validate: kind === 'prune' }));
}

function rounds(input: string, output: string) {
  // The first run says how much comes out.
  measure(['prune', '--child', 'prune', input, output]);
  const size = String(statSync(output).size);
  const run = (kind: string): Measured => measure(['prune', '--child', kind, input, output, size]);
  return Array.from({ length: ROUNDS }, () => ({
    plain: run('plain'),
    unvalidated: run('unvalidated'),
    pruned: run('prune'),
  }));
}

/** Prints the seconds and the ratio. */
export async function benchPrune(args: readonly string[]): Promise<void> {
  if (args[0] === '--child') return child(args.slice(1));
  const folder = mkdtempSync(join(tmpdir(), 'onnx-transplant-bench-'));
  try {
    const [input, output] = [join(folder, 'resnet-50.onnx'), join(folder, 'out.onnx')];
    await writeModel(resnet50(), input);
    console.log(
      `ResNet-50, ${(statSync(input).size / MB).toFixed(1)} MiB, --ratio 0.5, l2; median of ${ROUNDS}, seconds`,
    );
    const all = rounds(input, output);
    const of = (kind: 'plain' | 'unvalidated' | 'pruned') => median(all.map((round) => round[kind].seconds));
    console.log(`plain read and write  ${of('plain').toFixed(3)}`);
    console.log(`prune                 ${of('pruned').toFixed(3)}`);
    console.log(`prune, no validation  ${of('unvalidated').toFixed(3)}`);
    console.log(
      `ratio                 ${median(all.map(({ plain, pruned }) => pruned.seconds / plain.seconds)).toFixed(1)}`,
    );
    console.log(`peak MiB              ${(Math.max(...all.map(({ pruned }) => pruned.peakBytes)) / MB).toFixed(0)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
