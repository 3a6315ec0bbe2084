import { describe, expect, test } from '@jest/globals';
import { inputOptions } from '../../bin/input-options.js';
import { PLAIN } from '../../bin/style.js';
import { validateText } from '../../bin/text/validate.js';
import { validate } from '../../lib/commands/validate.js';
import type { ValidateOptions } from '../../lib/commands/validate-options.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { floats } from '../support/weights.js';
import { member, run } from './program.js';

const folder = temporaryFolder();
const [cnn0, cnn1] = [member('digits-cnn0'), member('digits-cnn1')];

/** A long name, with a character that would move the cursor. */
const NAME = `/model/layers.17/attention/self/query/${'deep/'.repeat(8)}\u001b[2J`;

function file(name: string, bias: number): string {
  const model = build({
    inputs: { x: ['batch', 3] },
    nodes: ['h = Add(x, b)', 'r = Exp(h)', 'y = Neg(r)'],
    weights: { b: floats([0, bias, 0]) },
  });
  const [first, ...rest] = model.graph.nodes;
  if (!first) throw new Error('a node');
  return folder.put(
    name,
    encodeModel({ ...model, graph: { ...model.graph, nodes: [{ ...first, name: NAME }, ...rest] } }),
  );
}
const [here, there] = [file('here.onnx', 0), file('there.onnx', 0.5)];

const text = async (options: ValidateOptions): Promise<readonly string[]> =>
  validateText(await validate(here, options), { width: 80, style: PLAIN }).split('\n');

describe('the text of validate', () => {
  test.each<[string, ValidateOptions]>([
    ['alone', {}],
    ['against one', { against: [there] }],
    ['against a mean, on many sets', { against: [here, there], weights: [1, 3], runs: 12 }],
    ['with a trace', { against: [there], trace: true, runs: 2 }],
    ['with a trace that finds nothing', { against: [here], trace: true }],
  ])('fits 80 columns and is safe to print: %s', async (_, options) => {
    const lines = await text(options);
    // A path is printed whole, and so is a name in a sentence.
    const long = lines.filter((line) => line.length > 80 && !line.includes(folder.path) && !line.includes('deep/deep'));
    expect(long).toEqual([]);
    expect(lines.join('\n')).not.toContain('\u001b');
  });

  test('names the node where both part, its error, and what differs in it', async () => {
    const lines = (await text({ against: [there], trace: true })).join('\n');
    expect(lines).toMatch(/^they part at\s+Add\s+\/model\/layers\.17/m);
    expect(lines).toMatch(/^ {2}h: off by up to 0\.5, 2 of 6 elements, most at \[\d,1\]: -?\d/m);
    expect(lines).toMatch(/^ {2}made of x: equal$/m);
    expect(lines).toMatch(/^ {2}weight b: elements differ by up to 0\.5$/m);
    expect(lines).toMatch(/^h +Add +0\.5 .*<-$/m);
  });
});

describe('the options of validate', () => {
  test('sets, seeds, shares, sizes and ranges reach the report', async () => {
    const words = ['--against', cnn0, cnn1, '--weights', '1,0', '--runs', '2', '--seed', '7', '--size', 'batch=3'];
    const { code, stdout } = await run('validate', cnn0, ...words, '--range', 'input=0,1', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      sets: [{ seed: 7 }, { seed: 8 }],
      comparison: { weights: [1, 0], sets: [{ within: true }, { within: true }] },
      statistics: [{ name: 'logits', dims: [3, 10], elements: 60 }],
    });
  });

  test('--trace of two trained models: 1, and where they part', async () => {
    const { code, stdout } = await run('validate', cnn0, '--against', cnn1, '--trace', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      trace: {
        verdict: 'breaks',
        part: { operator: 'Conv', place: 1, differences: [{ kind: 'weight' }, { kind: 'weight' }] },
      },
    });
  });

  test.each([
    ['a size without a number', { size: ['batch'] }, /--size takes NAME=N, not "batch"/],
    ['a size that is none', { size: ['batch=x'] }, /--size takes NAME=N/],
    ['a range of one number', { range: ['input=1'] }, /--range takes NAME=LOW,HIGH/],
    ['a range of three', { range: ['input=1,2,3'] }, /--range takes NAME=LOW,HIGH/],
    ['a range of nothing', { range: ['=1,2'] }, /--range takes NAME=LOW,HIGH/],
    ['a range that is given twice', { range: ['a=1,2', 'a=1,3'] }, /"a" twice/],
  ])('%s is refused', (_, given, message) => {
    expect(() => inputOptions(given)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
    );
  });

  test('a size that is given twice is refused, of inspect too', async () => {
    expect(() => inputOptions({ size: ['a=2', 'a=3'] })).toThrow(/twice/);
    const { code, stderr } = await run('inspect', cnn0, '--size', 'batch=2', 'batch=3');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/"batch" twice/) });
  });

  test('names may hold the sign between name and value', () => {
    expect(inputOptions({ size: ['a=b=3'], range: ['x=-1,2.5'] })).toMatchObject({
      sizes: new Map([['a=b', 3]]),
      ranges: new Map([['x', [-1, 2.5]]]),
    });
  });

  test('a provider that cannot be had is refused, with where to look', async () => {
    const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml';
    const { code, stderr } = await run('validate', cnn0, '--ep', elsewhere, '--against-ep', 'cpu');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error\[EP_UNAVAILABLE\].*\n.*onnx-transplant doctor/);
  });
});

test('a trace of a model that computes nothing does not say that its values agree', async () => {
  const nothing = folder.put(
    'nothing.onnx',
    encodeModel(build({ inputs: { x: ['batch', 3] }, nodes: ['y = Relu(x)'], outputs: ['x'] })),
  );
  const report = await validate(nothing, { against: [nothing], trace: true });
  const lines = validateText(report, { width: 80, style: PLAIN });
  expect(lines).toMatch(/no inner value of both could be compared/);
  expect(lines).not.toMatch(/no node parts them/);
});
