import { expect, test } from '@jest/globals';
import { concat } from '../../lib/commands/concat.js';
import { expectedOf } from '../../lib/commands/expected.js';
import { inspect } from '../../lib/commands/inspect.js';
import { build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const members = ['fixtures/members/digits-cnn0.onnx', 'fixtures/members/digits-cnn1.onnx'];

test('a dry run foretells the size of what is then written', async () => {
  const dry = await concat(members, { dryRun: true });
  const output = folder.at('wide.onnx');
  const made = await concat(members, { output });
  const { weights } = await inspect(output);
  expect(dry.output).toBeUndefined();
  expect(made.output?.bytes).toBeGreaterThan(weights.bytes);
  expect(dry.expected).toMatchObject({ parameters: weights.parameters, bytes: weights.bytes });
  expect(dry.groups).toEqual(made.groups);
});

test('a model that is not run needs its weights less in memory', () => {
  const model = build({ inputs: { x: ['n', 512] }, weights: { w: [512, 512] }, nodes: ['y = MatMul(x, w)'] });
  const [run, unrun] = [expectedOf(model, {}), expectedOf(model, { validate: false })];
  expect(run.memory - unrun.memory).toBe(run.bytes);
  expect(run.bytes).toBe(512 * 512 * 4);
});
