import { describe, expect, test } from '@jest/globals';
import { inferShapes } from '../../lib/analysis/shapes.js';
import { FLOAT } from '../../lib/ir/dtype.js';
import { ndarray } from '../../lib/ir/ndarray.js';
import { GrowingGraph } from '../../lib/training/growing.js';
import { ADAMW, addUpdate, clipNorm, type Optimizer, SGD, statesOf } from '../../lib/training/optimizers.js';
import { build } from '../support/build.js';
import { numbersOf, runModel } from '../support/run.js';

const vector = (...values: number[]) => ndarray(FLOAT, [values.length], Float32Array.from(values));
const one = (value: number) => ndarray(FLOAT, [], Float32Array.of(value));

/** Parameters after each of three steps with the gradients g = [1, -2], [0.5, 0], [-1, 4]. */
async function walk(optimizer: Optimizer): Promise<number[][]> {
  const names = statesOf(optimizer);
  const states = Object.fromEntries(names.map((name) => [name, [2]]));
  const base = build({ inputs: { p: [2], g: [2], rate: [], step: [], ...states }, nodes: ['unused = Identity(p)'] });
  const graph = new GrowingGraph(base, inferShapes(base));
  const after = addUpdate(
    graph,
    optimizer,
    { rate: 'rate', step: 'step' },
    { parameter: 'p', gradient: 'g', state: names },
  );
  const outputs = [after.parameter, ...after.state].map((name) => ({ name, dtype: FLOAT, shape: [2] }));
  const model = { ...base, graph: { ...graph.grown(), outputs } };
  let values = [vector(1, 1), ...names.map(() => vector(0, 0))];
  const seen: number[][] = [];
  for (const [i, g] of [vector(1, -2), vector(0.5, 0), vector(-1, 4)].entries()) {
    const feeds = new Map([
      ['g', g],
      ['rate', one(0.1)],
      ['step', one(i + 1)],
      ['p', values[0] ?? g],
    ]);
    names.forEach((name, k) => feeds.set(name, values[k + 1] ?? g));
    const results = await runModel(model, feeds);
    values = outputs.map(({ name }) => results.get(name) ?? g);
    seen.push([...numbersOf(results, after.parameter)]);
  }
  return seen;
}

const GRADIENTS = [
  [1, -2],
  [0.5, 0],
  [-1, 4],
];

/** One coordinate by the formula, in double precision. */
const byHand = (update: (p: number, g: number, t: number, memory: number[]) => number) => {
  const [p, memory] = [
    [1, 1],
    [
      [0, 0],
      [0, 0],
    ],
  ];
  return GRADIENTS.map((g, i) => {
    p.forEach((value, k) => {
      p[k] = update(value, g[k] as number, i + 1, memory[k] as number[]);
    });
    return [...p];
  });
};

describe('optimizers', () => {
  const near = (actual: number[][], expected: number[][]) =>
    actual.flat().forEach((value, i) => expect(value).toBeCloseTo(expected.flat()[i] as number, 5));

  test('SGD', async () =>
    near(
      await walk(SGD),
      byHand((p, g) => p - 0.1 * g),
    ));

  test('SGD with momentum and weight decay, as PyTorch has them', async () =>
    near(
      await walk({ ...SGD, momentum: 0.9, weightDecay: 0.5 }),
      byHand((p, g, _, memory) => {
        memory[0] = 0.9 * (memory[0] as number) + g + 0.5 * p;
        return p - 0.1 * memory[0];
      }),
    ));

  test("Nesterov's momentum", async () =>
    near(
      await walk({ ...SGD, momentum: 0.9, nesterov: true }),
      byHand((p, g, _, memory) => {
        memory[0] = 0.9 * (memory[0] as number) + g;
        return p - 0.1 * (g + 0.9 * memory[0]);
      }),
    ));

  test.each(['pytorch', 'onnxruntime'] as const)('AdamW of %s', async (form) =>
    near(
      await walk({ ...ADAMW, epsilon: 0.01, form }),
      byHand((p, g, t, memory) => {
        const m = 0.9 * (memory[0] as number) + 0.1 * g;
        const v = 0.999 * (memory[1] as number) + 0.001 * g * g;
        [memory[0], memory[1]] = [m, v];
        const [first, second] = [1 - 0.9 ** t, 1 - 0.999 ** t];
        if (form === 'pytorch') return p * (1 - 0.1 * 0.01) - (0.1 * (m / first)) / (Math.sqrt(v / second) + 0.01);
        const moved = p - ((0.1 * Math.sqrt(second)) / first) * (m / (Math.sqrt(v) + 0.01));
        return moved * (1 - 0.1 * 0.01);
      }),
    ),
  );

  test('gradients are scaled down to a common norm, and never up', async () => {
    const base = build({ inputs: { a: [2], b: [1] }, nodes: ['unused = Identity(a)'] });
    const graph = new GrowingGraph(base, inferShapes(base));
    const clipped = clipNorm(
      graph,
      new Map([
        ['a', 'a'],
        ['b', 'b'],
      ]),
      2.5,
    );
    const outputs = [...clipped.values()].map((name) => ({ name, dtype: FLOAT, shape: undefined }));
    const model = { ...base, graph: { ...graph.grown(), outputs } };
    const scaled = async (factor: number) => {
      const results = await runModel(
        model,
        new Map([
          ['a', vector(3 * factor, 0)],
          ['b', vector(4 * factor)],
        ]),
      );
      return outputs.flatMap(({ name }) => [...numbersOf(results, name)]);
    };
    for (const [i, value] of [1.5, 0, 2].entries()) expect((await scaled(1))[i]).toBeCloseTo(value, 5);
    for (const [i, value] of [0.3, 0, 0.4].entries()) expect((await scaled(0.1))[i]).toBeCloseTo(value, 5);
  });
});
