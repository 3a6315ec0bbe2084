import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { toReals } from '../../lib/ir/ndarray.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { seeded } from '../../lib/ir/random.js';
import { parseModel } from '../../lib/onnx/read.js';
import { readArtifacts } from '../../lib/training/artifacts/files.js';
import { joinArtifacts } from '../../lib/training/artifacts/join-set.js';
import { checkpointOf } from '../../lib/training/artifacts/save.js';
import { stateOf } from '../../lib/training/artifacts/start.js';
import { parseCheckpoint } from '../../lib/training/checkpoint/read.js';
import { encodeCheckpoint } from '../../lib/training/checkpoint/write.js';
import { StepSession } from '../../lib/training/step-session.js';
import { codeFrom } from '../support/codes.js';
import { ARTIFACTS, apart, artifactsAt, traceOf, trainOn } from '../support/trained.js';

async function openAt(net: string, checkpoint = 'checkpoint'): Promise<StepSession> {
  const artifacts = readArtifacts(artifactsAt(net), join(artifactsAt(net), checkpoint));
  const step = joinArtifacts(artifacts);
  const session = await StepSession.open(step);
  session.restore(stateOf(step, artifacts.checkpoint));
  return session;
}

describe.each(ARTIFACTS)("Microsoft's artifacts %s train as its own runtime trains them", (net) => {
  test('from the start', async () => {
    const [session, trace] = [await openAt(net), await traceOf(net)];
    const losses = await trainOn(session, trace);
    const parameters = session.parameters();
    await session.close();
    expect(apart(losses, trace.losses)).toBeLessThan(1e-5);
    expect(parameters.length).toBeGreaterThan(0);
    for (const tensor of parameters) {
      const expected = trace.final.get(tensor.name);
      expect(apart(tensorReals(tensor), expected ? toReals(expected, tensor.name) : [])).toBeLessThan(1e-5);
    }
  });

  test('from the checkpoint after three steps', async () => {
    const [session, trace] = [await openAt(net, 'checkpoint-step3'), await traceOf(net)];
    expect(session.step).toBe(3);
    const losses = await trainOn(session, trace, 3);
    await session.close();
    expect(apart(losses, trace.losses.slice(3))).toBeLessThan(1e-5);
  });
});

test('a training that was saved goes on with the same losses', async () => {
  const [session, trace] = [await openAt('mlp-adamw'), await traceOf('mlp-adamw')];
  await trainOn(session, { ...trace, inputs: trace.inputs.slice(0, 2) });
  const before = readArtifacts(artifactsAt('mlp-adamw')).checkpoint;
  const bytes = encodeCheckpoint(checkpointOf(session.graph, session.state(), before, trace.rate));
  session.restore(stateOf(session.graph, parseCheckpoint(bytes, 'saved')));
  expect(session.step).toBe(2);
  const losses = await trainOn(session, trace, 2);
  await session.close();
  expect(apart(losses, trace.losses.slice(2))).toBeLessThan(1e-5);
});

test('broken training models end in a step or in a refusal, nothing else', () => {
  const random = seeded(5);
  const below = (count: number) => Math.floor(random() * count);
  const all = ARTIFACTS.map((net) => ({ artifacts: readArtifacts(artifactsAt(net)), bytes: modelBytes(net) }));
  const codes = new Map<string, number>();
  for (let round = 0; round < 1500; round++) {
    const { artifacts, bytes } = all[below(all.length)] as (typeof all)[number];
    const broken = bytes.slice();
    for (let i = below(3); i >= 0; i--) broken[below(broken.length)] = random() < 0.5 ? below(256) : below(16);
    const code = codeFrom(() => joinArtifacts({ ...artifacts, training: parseModel(broken, 'mutant') }));
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  expect([...codes.keys()].filter((code) => code.startsWith('not ours') || code === 'DEFECT')).toEqual([]);
  expect(codes.get('none')).toBeGreaterThan(0);
  expect(codes.size).toBeGreaterThan(3);
});

const modelBytes = (net: string): Uint8Array =>
  new Uint8Array(readFileSync(join(artifactsAt(net), 'training_model.onnx')));
