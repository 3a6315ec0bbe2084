import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { toReals } from '../../lib/ir/ndarray.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { readArtifacts } from '../../lib/training/artifacts/files.js';
import { joinStep, stateOf } from '../../lib/training/artifacts/join.js';
import { loadArtifacts } from '../../lib/training/artifacts/load.js';
import { checkpointOf } from '../../lib/training/artifacts/save.js';
import { parseCheckpoint } from '../../lib/training/checkpoint/read.js';
import { encodeCheckpoint } from '../../lib/training/checkpoint/write.js';
import { TrainingSession } from '../../lib/training/session.js';
import { apart, artifactsAt, traceOf, trainOn } from '../support/trained.js';

/** Operators between them: every lowering rule that onnxruntime-training itself can run on a CPU. */
const NETS = ['mlp-adamw', 'ignored-sgd', 'acts-sgd', 'norm-sgd'];

async function openAt(net: string, checkpoint = 'checkpoint'): Promise<TrainingSession> {
  const loaded = loadArtifacts(readArtifacts(artifactsAt(net), join(artifactsAt(net), checkpoint)));
  const step = joinStep(loaded);
  const session = await TrainingSession.open(step);
  session.restore(stateOf(step, loaded.checkpoint));
  return session;
}

describe.each(NETS)("Microsoft's artifacts %s train as its own runtime trains them", (net) => {
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
