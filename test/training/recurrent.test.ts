/** Recurrent layers as PyTorch trains them: losses of fixtures/recurrent (scripts/references/recurrent.py). */
import { expect, test } from '@jest/globals';
import { checkTraining } from '../../lib/commands/check-training.js';
import { loadMember } from '../../lib/commands/load.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { parseModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { openSession } from '../../lib/runtime/session.js';
import { generateArtifacts } from '../../lib/training/artifacts/generate.js';
import { joinArtifacts } from '../../lib/training/artifacts/join-set.js';
import { type Optimizer, SGD } from '../../lib/training/optimizers.js';
import { parametersOf } from '../../lib/training/parameters.js';
import { buildStep, type StepGraph } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { build } from '../support/build.js';
import { apart, readTrace, trainOn } from '../support/trained.js';

const OPTIMIZER: Optimizer = { ...SGD, momentum: 0.9 };
const pathOf = (name: string): string => `fixtures/recurrent/${name}.onnx`;

async function lossesOf(graph: StepGraph, name: string): Promise<readonly number[]> {
  const session = await StepSession.open(graph, { threads: 1 });
  try {
    return await trainOn(session, await readTrace(`fixtures/recurrent/${name}.npz`));
  } finally {
    await session.close();
  }
}

test.each([
  ['lstm-both', 5],
  ['lstm-states', 5],
  ['gru', 8],
  ['rnn', 5],
])("%s has PyTorch's losses", async (name, parameters) => {
  const graph = buildStep(loadMember(pathOf(name)), { loss: 'cross-entropy', optimizer: OPTIMIZER });
  const { losses } = await readTrace(`fixtures/recurrent/${name}.npz`);
  expect(graph.parameters.length).toBe(parameters);
  expect(apart(await lossesOf(graph, name), losses)).toBeLessThan(1e-5);
});

test('a check lists nothing that is missing', () => {
  expect(checkTraining(pathOf('lstm-both'))).toMatchObject({ ok: true, missing: [], idle: [] });
});

test('artifacts keep the graph inside of a Scan', async () => {
  const model = loadMember(pathOf('lstm-both'));
  const made = generateArtifacts(model, { flavor: 'microsoft', loss: 'cross-entropy', optimizer: SGD });
  const training = parseModel(encodeModel(made.training));
  verifyModel(training);
  const losses = await lossesOf(joinArtifacts({ ...made, training }), 'lstm-both');
  const expected = await lossesOf(buildStep(model, { loss: 'cross-entropy', optimizer: SGD }), 'lstm-both');
  expect(apart(losses, expected)).toBeLessThan(1e-6);
});

test('portable artifacts load in ONNX Runtime', async () => {
  const model = loadMember(pathOf('gru'));
  const { training } = generateArtifacts(model, { flavor: 'portable', loss: 'cross-entropy', optimizer: SGD });
  const session = await openSession(encodeModel(training));
  expect(session.outputs.map(({ name }) => name)).toContain('fc.weight_grad.accumulation.out');
  await session.close();
});

test('states in the file stay as they are', () => {
  const model = build({
    inputs: { x: [5, 'batch', 3] },
    weights: { w: [1, 12, 3], r: [1, 12, 4], h: [1, 2, 4] },
    nodes: ['y = GRU(x, w, r, , , h) {hidden_size: 4}'],
  });
  expect(parametersOf(model).map(({ name }) => name)).toEqual(['w', 'r']);
});
