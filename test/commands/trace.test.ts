import { describe, expect, test } from '@jest/globals';
import { validate } from '../../lib/commands/validate.js';
import type { ValidateOptions } from '../../lib/commands/validate-options.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import type { Model } from '../../lib/ir/model.js';
import { encodeModel, writeModel } from '../../lib/onnx/write.js';
import { type Blueprint, build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { floats } from '../support/weights.js';

const folder = temporaryFolder();

/** LeNet in small. */
const NODES = [
  'c1 = Conv(x, w1, b1)',
  'r1 = Relu(c1)',
  'p1 = MaxPool(r1) {kernel_shape: [2,2], strides: [2,2]}',
  'c2 = Conv(p1, w2)',
  'r2 = Relu(c2)',
  'f = Flatten(r2)',
  'h = Gemm(f, w3, b3) {transB: 1}',
  'r3 = Relu(h)',
  'logits = Gemm(r3, w4) {transB: 1}',
];
const WEIGHTS = { w1: [4, 1, 3, 3], b1: [4], w2: [6, 4, 3, 3], w3: [16, 54], b3: [16], w4: [10, 16] };

const lenet = (nodes: readonly string[] = NODES, weights: Blueprint['weights'] = {}): Model =>
  build({ inputs: { x: ['batch', 1, 12, 12] }, nodes, weights: { ...WEIGHTS, ...weights } });

/** The nodes with one of them replaced by others. */
const withNode = (made: string, ...nodes: readonly string[]): readonly string[] =>
  NODES.flatMap((text) => (text.startsWith(`${made} =`) ? nodes : [text]));

let files = 0;
const file = (model: Model): string => folder.put(`${++files}.onnx`, encodeModel(model));

async function traced(here: Model, there: Model, options: ValidateOptions = {}) {
  const { trace } = await validate(file(here), { against: [file(there)], trace: true, ...options });
  if (!trace) throw new Error('no trace');
  return trace;
}

describe('values of other shapes', () => {
  const mlp = (width: number, weights: Blueprint['weights']) =>
    build({
      inputs: { x: ['batch', 2] },
      nodes: ['h = MatMul(x, w)', 'r = Relu(h)', 'y = MatMul(r, v)'],
      weights: { w: [2, width], v: [width, 2], ...weights },
    });

  test('are where both part, though a number can be told of the outputs only', async () => {
    const { verdict, part } = await traced(mlp(3, {}), mlp(5, {}));
    expect({ verdict, value: part?.value }).toEqual({ verdict: 'breaks', value: 'h' });
  });

  test('are absorbed where the outputs agree: a neuron less that nothing reads', async () => {
    const { verdict, course } = await traced(
      mlp(2, { w: floats([1, 2, 3, 4], [2, 2]), v: floats([1, 2, 3, 4], [2, 2]) }),
      mlp(3, { w: floats([1, 2, 9, 3, 4, 9], [2, 3]), v: floats([1, 2, 3, 4, 0, 0], [3, 2]) }),
    );
    expect(verdict).toBe('agrees');
    expect(course.map(({ value, absorbed }) => [value, absorbed])).toEqual([
      ['h', true],
      ['r', true],
      ['y', false],
    ]);
  });
});

/** The same network with other names, as another exporter would give. */
function renamedModel(model: Model): Model {
  const other = (name: string) => (name === '' || name === 'x' || name === 'logits' ? name : `other/${name}`);
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(other),
        outputs: node.outputs.map(other),
      })),
      initializers: new Map([...graph.initializers].map(([name, t]) => [other(name), { ...t, name: other(name) }])),
    },
  };
}

describe('a broken copy parts at the node that was broken', () => {
  const cases: readonly (readonly [string, Model, string, object])[] = [
    [
      'one pooling replaced by another',
      lenet(withNode('p1', 'p1 = AveragePool(r1) {kernel_shape: [2,2], strides: [2,2]}')),
      'p1',
      { differences: [{ kind: 'operator', here: 'MaxPool', there: 'AveragePool' }] },
    ],
    [
      'one attribute',
      lenet(withNode('h', 'h = Gemm(f, w3, b3) {transB: 1, alpha: 1.5}')),
      'h',
      { differences: [{ kind: 'attribute', name: 'alpha', here: '', there: '1.5' }] },
    ],
    [
      'one weight',
      lenet(NODES, { b3: floats([0.5, ...new Array(15).fill(0)]) }),
      'h',
      { differences: [{ kind: 'weight', name: 'b3' }] },
    ],
    [
      'one node replaced by another operator',
      lenet(withNode('r2', 'r2 = Sigmoid(c2)')),
      'r2',
      { differences: [{ kind: 'operator', here: 'Relu', there: 'Sigmoid' }] },
    ],
    [
      'one node inserted, whose value is new',
      lenet(withNode('r2', 'n = Abs(c2)', 'r2 = Relu(n)')),
      'r2',
      { onlyThere: [{ operator: 'Abs', value: 'n' }], onlyHere: [] },
    ],
    [
      'one node inserted, that takes over the name',
      lenet(withNode('c2', 'n = Conv(p1, w2)', 'c2 = Neg(n)')),
      'r2',
      { onlyThere: [{ operator: 'Neg', value: 'c2' }] },
    ],
  ];
  test.each(cases)('%s', async (_, broken, value, part) => {
    const trace = await traced(lenet(), broken);
    expect(trace).toMatchObject({ verdict: 'breaks', part: { value, within: false, ...part } });
    expect(trace.part?.inputs.every(({ within }) => within)).toBe(true);
  });

  test.each(cases)('%s, and the other way round with other names', async (_, broken, value) => {
    const { verdict, part } = await traced(renamedModel(broken), lenet());
    expect({ verdict, value: part?.counterpart }).toEqual({ verdict: 'breaks', value });
  });

  test('the weight is told with how far it is off, and the worst element with both numbers', async () => {
    const bias = (third: number) => lenet(NODES, { b1: floats([0, 0, third, 0]) });
    const { part } = await traced(bias(0.25), bias(0));
    expect(part).toMatchObject({
      value: 'c1',
      operator: 'Conv',
      place: 1,
      mismatches: 2 * 10 * 10,
      differences: [{ kind: 'weight', name: 'b1', maxAbs: 0.25 }],
      inputs: [{ value: 'x', maxAbs: 0 }],
    });
    expect(part?.worst?.index.slice(0, 2)).toEqual([expect.any(Number), 2]);
    expect((part?.worst?.actual ?? 0) - (part?.worst?.expected ?? 0)).toBeCloseTo(0.25, 5);
  });
});

describe('no break', () => {
  test('of a model and itself under other names', async () => {
    const trace = await traced(lenet(), renamedModel(lenet()));
    expect(trace).toMatchObject({ verdict: 'agrees', part: null, paired: 9, unpaired: { here: 0, there: 0 } });
    expect(trace.course.map(({ maxAbs }) => maxAbs)).toEqual(new Array(9).fill(0));
  });

  test('of a layer and one that it was folded into: what differs between is absorbed', async () => {
    const [whole, folded] = [
      ['c = Conv(x, w, b)', 's = Mul(c, two)', 'y = Relu(s)'],
      ['c = Conv(x, w2, b2)', 'y = Relu(c)'],
    ].map((nodes) =>
      build({
        inputs: { x: ['batch', 1, 3, 3] },
        nodes,
        weights: {
          w: floats([1, 2], [2, 1, 1, 1]),
          b: floats([3, 4]),
          two: floats([2], []),
          w2: floats([2, 4], [2, 1, 1, 1]),
          b2: floats([6, 8]),
        },
      }),
    ) as [Model, Model];
    const trace = await traced(whole, folded);
    expect(trace.verdict).toBe('agrees');
    expect(trace.course.map(({ value, absorbed }) => [value, absorbed])).toEqual([
      ['c', true],
      ['y', false],
    ]);
  });

  test('where each layer adds a little', async () => {
    const layers = 24;
    const deep = (factor: number) =>
      build({
        inputs: { x: ['batch', 8] },
        nodes: Array.from({ length: layers }, (_, i) => `a${i + 1} = Mul(${i === 0 ? 'x' : `a${i}`}, w)`),
        weights: { w: floats([factor], []) },
      });
    const { verdict, part, course } = await traced(deep(1), deep(1 + 2 ** -20), { atol: 0, rtol: 1e-5 });
    // Each layer is off by 2^-20 of its size: 1e-5 is passed with the eleventh.
    expect({ verdict, value: part?.value, compared: course.length }).toEqual({
      verdict: 'grows',
      value: 'a11',
      compared: layers,
    });
  });
});

test('values that are no real numbers are the same or not', async () => {
  const nodes = ['h = Gemm(x, w)', 'k = ArgMax(h) {axis: 1, keepdims: 0}'];
  const model = (w: readonly number[]) =>
    build({ inputs: { x: ['batch', 2] }, outputs: ['k: int64'], nodes, weights: { w: floats(w, [2, 2]) } });
  const { part } = await traced(model([1, 0, 0, 1]), model([0, 1, 1, 0]), { atol: 100 });
  expect(part).toMatchObject({ value: 'k', operator: 'ArgMax', inputs: [{ value: 'h', within: true }] });
});

test('weights may lie in the file or in one beside it', async () => {
  const model = build({
    inputs: { x: ['batch', 40] },
    nodes: ['h = MatMul(x, w)', 'y = MatMul(h, v)'],
    weights: { w: [40, 40], v: [40, 40] },
  });
  const nudged = (model: Model): Model => {
    const v = model.graph.initializers.get('v');
    const values = v?.data ? new Float32Array(v.data.read(0, v.data.length).slice().buffer) : new Float32Array();
    values[7] = 3;
    const initializers = new Map(model.graph.initializers);
    if (v) initializers.set('v', { ...v, data: memoryBytes(new Uint8Array(values.buffer)) });
    return { ...model, graph: { ...model.graph, initializers } };
  };
  const [inside, beside] = [folder.at('inside.onnx'), folder.at('beside.onnx')];
  await writeModel(model, inside, { externalData: false });
  await writeModel(nudged(model), beside, { externalData: true });
  const { trace } = await validate(inside, { against: [beside], trace: true });
  expect(trace).toMatchObject({
    verdict: 'breaks',
    part: { value: 'y', differences: [{ kind: 'weight', name: 'v' }] },
  });
});

test('a graph that is not sound is not traced, and that is told', async () => {
  const unsorted = 'fixtures/refused/unsorted.onnx';
  const report = await validate(unsorted, { against: [unsorted], trace: true });
  expect(report).toMatchObject({ ok: false, trace: null, notes: [expect.stringMatching(/^not traced/)] });
});

test('a trace compares two', async () => {
  const path = file(lenet());
  await expect(validate(path, { trace: true })).rejects.toMatchObject({ code: 'USAGE' });
  await expect(validate(path, { trace: true, against: [path, path] })).rejects.toMatchObject({ code: 'USAGE' });
});

test('it can be stopped', async () => {
  const [a, controller] = [file(lenet()), new AbortController()];
  const onProgress = ({ stage }: { readonly stage: string }) => {
    if (stage === 'tracing') controller.abort();
  };
  const stopped = validate(a, { against: [a], trace: true, signal: controller.signal, onProgress });
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
});
