/**
 * Gradients held against central differences. For the loss sum(y * r), with a random cotangent r, the backward pass that the
 * rules make (in float32) must agree with (loss(p + h) - loss(p - h)) / 2h for every element of every value differentiated by:
 *
 *     await expectGradients({ inputs: { x: ['batch', 3] }, weights: { w: [3, 4] }, nodes: ['y = MatMul(x, w)'] }, ['x', 'w']);
 *
 * The differences are taken in double precision, so that they are exact to eight digits or so. ONNX Runtime has no kernels in
 * double precision for convolution and a few others: `exact` then says the same function in nodes that have them, or in plain
 * loops. It is itself held against ONNX Runtime's float32 result. For a function that is linear in its inputs a step of 1 makes no
 * error, so that float32 does (`linear`).
 */
import { expect } from '@jest/globals';
import { inferShapes } from '../../lib/analysis/shapes.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import { DOUBLE, FLOAT } from '../../lib/ir/dtype.js';
import type { Attribute, Model, Node, Tensor, Value } from '../../lib/ir/model.js';
import { fromReals, type NdArray, toReals } from '../../lib/ir/ndarray.js';
import { bytesOf, tensorReals } from '../../lib/ir/numeric.js';
import { normal, seeded } from '../../lib/ir/random.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { type Session, withSession } from '../../lib/runtime/session.js';
import { differentiate } from '../../lib/training/autodiff.js';
import { GrowingGraph } from '../../lib/training/growing.js';
import { type Blueprint, build } from './build.js';
import type { Results } from './results.js';
import { feedsFor, runModel } from './run.js';

/** A tensor in double precision. */
export interface Doubles {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** The output's elements, computed from all inputs and weights. */
export type ExactFunction = (value: (name: string) => Doubles) => Float64Array;

export interface GradientOptions {
  /** The same function where ONNX Runtime has no kernel in double precision: parts of the blueprint that differ, or loops. */
  readonly exact?: Pick<Partial<Blueprint>, 'nodes' | 'weights' | 'opset' | 'outputs'> | ExactFunction;
  /** The function is linear in its inputs. */
  readonly linear?: boolean;
  /** The output that the loss sees; the first unless told. */
  readonly output?: string;
  /** Length of open axes, 2 unless told. */
  readonly batch?: number;
  /** Those of some by their names. */
  readonly sizes?: ReadonlyMap<string, number>;
  /** Inputs that must not be random. */
  readonly feeds?: Results;
}

const STEP = 1e-4;
/** Of float32 sums of a few hundred products, relative to the largest element. */
const TOLERANCE = 2e-5;

/** Checks the gradient of `output` by each of the values `by` (inputs or weights), element by element. */
export async function expectGradients(
  print: Blueprint,
  by: readonly string[],
  options: GradientOptions = {},
): Promise<void> {
  const model = build(print);
  const output = options.output ?? (model.graph.outputs[0] as Value).name;
  const given = { batch: options.batch, sizes: options.sizes, seed: 7 };
  const feeds = new Map([...feedsFor(model, given), ...(options.feeds ?? [])]);
  const y = (await runModel(model, feeds)).get(output) as NdArray;
  const random = seeded(11);
  const cotangent = new Float32Array(y.data.length).map(() => normal(random));
  const made = await backward(model, output, by, new Map([...feeds, [COTANGENT, { ...y, data: cotangent }]]));
  await withExact(print, options, output, feeds, async (compute) => {
    const values = startValues(model, feeds);
    expect(Math.max(...apart(await compute(values), toReals(y, output)))).toBeLessThan(1e-4);
    for (const name of by) {
      const expected = await differences(compute, values, name, cotangent, options.linear ? 1 : STEP);
      const actual = toReals(made.get(name) as NdArray, name);
      const scale = Math.max(1, ...expected.map(Math.abs));
      const off = apart(actual, expected).map((each) => each / scale);
      const worst = off.indexOf(Math.max(...off));
      const shown = { name, element: worst, actual: actual[worst], expected: expected[worst] };
      expect([made.get(name)?.dims, off.every((each) => each < TOLERANCE) ? 'close' : shown]).toEqual([
        values.get(name)?.dims,
        'close',
      ]);
    }
  });
}

const COTANGENT = 'test.cotangent';

const apart = (a: ArrayLike<number>, b: ArrayLike<number>): readonly number[] => {
  expect(a.length).toBe(b.length);
  return Array.from(a, (value, i) => (Number.isFinite(value) ? Math.abs(value - (b[i] as number)) : Infinity));
};

/** The graph with its backward pass, whose outputs are the gradients. */
export function withBackward(
  model: Model,
  output: string,
  by: readonly string[],
): { readonly model: Model; readonly gradients: ReadonlyMap<string, string> } {
  const graph = new GrowingGraph(model, inferShapes(model));
  const facts = graph.facts.get(output);
  const seed: Value = { name: COTANGENT, dtype: FLOAT, shape: facts?.shape };
  graph.facts.set(COTANGENT, seed);
  const gradients = differentiate(graph, new Map([[output, COTANGENT]]), by);
  const outputs = [...new Set(gradients.values())].map((name) => ({ name, dtype: FLOAT, shape: undefined }));
  return {
    model: { ...model, graph: { ...graph.grown(), inputs: [...model.graph.inputs, seed], outputs } },
    gradients,
  };
}

async function backward(model: Model, output: string, by: readonly string[], feeds: Results): Promise<Results> {
  const { model: made, gradients } = withBackward(model, output, by);
  const results = await runModel(made, feeds);
  return new Map(by.map((name) => [name, results.get(gradients.get(name) ?? '') as NdArray]));
}

type Values = ReadonlyMap<string, Doubles>;
type Compute = (values: Values) => Promise<ArrayLike<number>>;

/** All real inputs and weights. */
function startValues(model: Model, feeds: Results): Values {
  const weights = [...model.graph.initializers.values()].filter(({ dtype }) => dtype === FLOAT);
  const given = [...feeds].filter(([, { dtype }]) => dtype === FLOAT);
  return new Map([
    ...weights.map((tensor): [string, Doubles] => [
      tensor.name,
      { dims: tensor.dims, data: Float64Array.from(tensorReals(tensor)) },
    ]),
    ...given.map(([name, array]): [string, Doubles] => [
      name,
      { dims: array.dims, data: Float64Array.from(toReals(array, name)) },
    ]),
  ]);
}

async function differences(
  compute: Compute,
  values: Values,
  name: string,
  cotangent: Float32Array,
  width: number,
): Promise<readonly number[]> {
  const start = values.get(name) as Doubles;
  const loss = async (at: number, step: number) => {
    const data = Float64Array.from(start.data, (value, i) => (i === at ? value + step : value));
    const y = await compute(new Map([...values, [name, { ...start, data }]]));
    return cotangent.reduce((sum, r, i) => sum + r * (y[i] as number), 0);
  };
  const slopes: number[] = [];
  for (let at = 0; at < start.data.length; at++)
    slopes.push(((await loss(at, width)) - (await loss(at, -width))) / (2 * width));
  return slopes;
}

async function withExact(
  print: Blueprint,
  { exact, linear }: GradientOptions,
  output: string,
  feeds: Results,
  use: (compute: Compute) => Promise<void>,
): Promise<void> {
  if (typeof exact === 'function') return use(async (values) => exact((name) => values.get(name) as Doubles));
  const plain = build({ ...print, ...exact, weights: { ...print.weights, ...exact?.weights }, outputs: [output] });
  const model = linear ? plain : doubled(plain);
  const dtype = linear ? FLOAT : DOUBLE;
  await withSession(encodeModel(model), { label: model.label, lean: true }, (session: Session) =>
    use(async (values) => {
      const wanted = session.inputs.map(({ name }) => name);
      const results = await session.run(
        new Map(
          wanted.map((name): [string, NdArray] => {
            const value = values.get(name);
            return [name, value ? fromReals(value.data, dtype, value.dims, name) : (feeds.get(name) as NdArray)];
          }),
        ),
      );
      return toReals(results.get(output) as NdArray, output);
    }),
  );
}

/** The model in double precision, with its weights as inputs. */
function doubled(model: Model): Model {
  const { graph } = model;
  const isWeight = ({ dtype }: Tensor) => dtype === FLOAT;
  const all = [...graph.initializers.values()];
  const real = (value: Value): Value => (value.dtype === FLOAT ? { ...value, dtype: DOUBLE } : value);
  const weights = all.filter(isWeight).map(({ name, dims }): Value => ({ name, dtype: DOUBLE, shape: dims }));
  const listed = new Set(weights.map(({ name }) => name));
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.map(doubledNode),
      inputs: [...graph.inputs.filter(({ name }) => !listed.has(name)).map(real), ...weights],
      outputs: graph.outputs.map(real),
      initializers: new Map(all.filter((tensor) => !isWeight(tensor)).map((tensor) => [tensor.name, tensor])),
    },
  };
}

const doubledNode = (node: Node): Node => ({
  ...node,
  attributes: new Map([...node.attributes].map(([name, value]) => [name, doubledAttribute(name, value)])),
});

function doubledAttribute(name: string, attribute: Attribute): Attribute {
  if (name === 'to' && attribute.type === 'int' && attribute.value === FLOAT) return { ...attribute, value: DOUBLE };
  if (attribute.type !== 'tensor' || attribute.value.dtype !== FLOAT) return attribute;
  const data = memoryBytes(bytesOf(Float64Array.from(tensorReals(attribute.value)), DOUBLE, name));
  return { type: 'tensor', value: { ...attribute.value, dtype: DOUBLE, data } };
}
