/**
 * `npm run demo`: two networks that were trained on handwritten digits, fused in every way, judged on 360 digits that none
 * of them has seen. Everything it needs lies in fixtures/.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { concat, evaluate, fuse, train, validate } from '../lib/index.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const member = (name: string) => join(FIXTURES, 'members', `${name}.onnx`);
const DATA = join(FIXTURES, 'data', 'digits');

/** A short fine-tuning on the 1,437 training digits. */
const TUNING = { data: DATA, epochs: 3, lr: 0.02, batch: 32, keepBest: false } as const;

interface Row {
  readonly what: string;
  readonly path: string;
}

async function fuseAll(members: readonly string[], folder: string): Promise<readonly Row[]> {
  const made = (name: string) => join(folder, `${name}.onnx`);
  await fuse(members, { method: 'average', output: made('average') });
  await fuse(members, { output: made('transplant') });
  await train(made('transplant'), { ...TUNING, output: made('tuned') });
  await concat(members, { output: made('concat') });
  await fuse(members, { method: 'ensemble', output: made('ensemble') });
  return [
    ...members.map((path, i) => ({ what: `member ${i}`, path })),
    { what: 'average of the weights', path: made('average') },
    { what: 'transplant', path: made('transplant') },
    { what: `transplant, ${TUNING.epochs} epochs later`, path: made('tuned') },
    { what: 'concatenation (twice as wide)', path: made('concat') },
    { what: 'ensemble (all members in one file)', path: made('ensemble') },
  ];
}

async function show(title: string, members: readonly string[], folder: string): Promise<void> {
  const rows = await fuseAll(members, folder);
  const { models } = await evaluate(
    rows.map((row) => row.path),
    { data: DATA },
  );
  console.log(`\n${title}`);
  for (const [i, { what }] of rows.entries()) {
    const accuracy = 100 * (models[i]?.accuracy ?? Number.NaN);
    console.log(`  ${what.padEnd(36)} ${accuracy.toFixed(2).padStart(6)} %`);
  }
  const { ok } = await validate(join(folder, 'concat.onnx'), { against: members });
  console.log(`  the concatenation computes the mean of its members: ${ok ? 'yes' : 'NO'} (ONNX Runtime)`);
  if (!ok) process.exitCode = 1;
}

const folder = mkdtempSync(join(tmpdir(), 'onnx-transplant-demo-'));
try {
  await show('Two multilayer perceptrons, 64-32-32-10', [member('digits-mlp0'), member('digits-mlp1')], folder);
  await show(
    'Two convolutional networks with BatchNormalization',
    [member('digits-cnn0'), member('digits-cnn1')],
    folder,
  );
  console.log('\nEvery file was read again, verified and run in ONNX Runtime before it got its name.');
} finally {
  rmSync(folder, { recursive: true });
}
