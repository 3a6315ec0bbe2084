import { describe, expect, test } from '@jest/globals';
import { BFLOAT16, DOUBLE, FLOAT, FLOAT16, INT64, STRING } from '../../lib/ir/dtype.js';
import { fromReals, ndarray, toReals } from '../../lib/ir/ndarray.js';
import { openSession, withSession } from '../../lib/runtime/session.js';
import { linear, tinyModel, unary } from './models.js';

const x = (dims: readonly number[], values: readonly number[], dtype = FLOAT) =>
  new Map([['x', fromReals(Float64Array.from(values), dtype, dims, 'x')]]);

describe('openSession', () => {
  test('tells inputs and outputs with types and shapes', async () => {
    const session = await openSession('fixtures/members/digits-mlp0.onnx');
    const batch = { coefficient: 1, symbols: ['batch'] };
    expect(session.label).toBe('fixtures/members/digits-mlp0.onnx');
    expect(session.inputs).toEqual([{ name: 'input', dtype: FLOAT, shape: [batch, 1, 8, 8] }]);
    expect(session.outputs).toEqual([{ name: 'logits', dtype: FLOAT, shape: [batch, 10] }]);
    expect(session.mixed).toBe(false);
    await session.close();
  });

  test('gives unnamed axes names of their own', async () => {
    const [input] = await withSession(unary('Relu', ['', '']), {}, async ({ inputs }) => inputs);
    expect(input?.shape).toEqual([
      { coefficient: 1, symbols: ['x[0]'] },
      { coefficient: 1, symbols: ['x[1]'] },
    ]);
  });

  test.each([
    ['an operator that nobody knows', unary('Nonsense', [2]), /Nonsense/],
    ['a version of the format that is too new', tinyModel({ nodes: [], inputs: [], outputs: [], irVersion: 99 }), /99/],
    ['bytes that are no model', Uint8Array.of(1, 2, 3), /protobuf/],
    ['no bytes', new Uint8Array(0), /./],
    ['a file that is not there', 'nowhere/none.onnx', /doesn't exist/],
    ['an element type that the binding lacks', unary('Identity', [2], BFLOAT16), /16/],
  ])('refuses %s', async (_, source, message) => {
    const error = await openSession(source, { label: 'it' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'RUNTIME_LOAD', message: expect.stringMatching(message) });
    expect((error as Error).message).toMatch(/^ONNX Runtime cannot load "it": .+$/);
    expect((error as Error).message).not.toMatch(/\.(cc|h):\d/);
  });

  test('does not fall back to another provider', async () => {
    const opened = openSession(unary('Relu', [2]), { ep: 'nonsense' });
    await expect(opened).rejects.toMatchObject({ code: 'EP_UNAVAILABLE' });
  });
});

describe('run', () => {
  test.each([FLOAT, DOUBLE, FLOAT16])('computes in type %d', async (dtype) => {
    const outputs = await withSession(unary('Relu', [3], dtype), {}, (session) =>
      session.run(x([3], [-1, 0.5, 2], dtype)),
    );
    const y = outputs.get('y');
    expect(y).toMatchObject({ dtype, dims: [3] });
    expect(y && [...toReals(y, 'y')]).toEqual([0, 0.5, 2]);
  });

  test('takes and gives int64', async () => {
    const feeds = new Map([['x', ndarray(INT64, [2], BigInt64Array.of(-5n, 2n ** 60n))]]);
    const outputs = await withSession(unary('Abs', [2], INT64), {}, (session) => session.run(feeds));
    expect(outputs.get('y')?.data).toEqual(BigInt64Array.of(5n, 2n ** 60n));
  });

  test('computes the same when lean', async () => {
    const run = (lean: boolean) =>
      withSession(
        linear([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        { lean },
        (session) => session.run(x([1, 3], [1, 10, 100])),
      );
    expect((await run(true)).get('logits')?.data).toEqual(Float32Array.of(531, 642));
    expect(await run(true)).toEqual(await run(false));
  });

  test.each([
    ['a missing input', new Map(), /missing/],
    ['another rank', x([2], [1, 2]), /rank/],
    ['another length', x([1, 2], [1, 2]), /dimensions/],
    ['another type', x([1, 3], [1, 2, 3], DOUBLE), /type/],
  ])('refuses %s', async (_, feeds, message) => {
    const ran = withSession(linear([[1], [2], [3]]), { label: 'it' }, (session) => session.run(feeds));
    await expect(ran).rejects.toMatchObject({ code: 'RUNTIME_RUN', message: expect.stringMatching(message) });
  });

  test('refuses elements that do not fill the shape', async () => {
    const feeds = new Map([['x', { dtype: FLOAT, dims: [1, 3], data: new Float32Array(2) }]]);
    const ran = withSession(linear([[1], [2], [3]]), {}, (session) => session.run(feeds));
    await expect(ran).rejects.toMatchObject({ code: 'RUNTIME_RUN' });
  });

  test('refuses strings', async () => {
    const ran = withSession(unary('Identity', [1], STRING), {}, (session) =>
      session.run(new Map([['x', { dtype: STRING, dims: [1], data: new Uint8Array(1) }]])),
    );
    await expect(ran).rejects.toMatchObject({ code: 'DTYPE_UNSUPPORTED' });
  });

  test('names like those of Object are only names', async () => {
    const model = tinyModel({
      nodes: [['Relu', ['constructor'], ['toString']]],
      inputs: [{ name: 'constructor', dims: [1] }],
      outputs: [{ name: 'toString', dims: [1] }],
    });
    const feeds = new Map([['constructor', ndarray(FLOAT, [1], Float32Array.of(3))]]);
    const outputs = await withSession(model, {}, (session) => session.run(feeds));
    expect(outputs.get('toString')?.data).toEqual(Float32Array.of(3));
  });

  test('a closed session is refused', async () => {
    const session = await openSession(unary('Relu', [1]));
    await session.close();
    await expect(session.run(x([1], [1]))).rejects.toMatchObject({ code: 'RUNTIME_RUN' });
  });
});

test('withSession closes also when its use fails', async () => {
  const opened: { close(): Promise<void>; run: unknown }[] = [];
  const failing = withSession(unary('Relu', [1]), {}, async (session) => {
    opened.push(session);
    throw new RangeError('mine');
  });
  await expect(failing).rejects.toThrow('mine');
  await expect((opened[0] as { run(feeds: unknown): Promise<unknown> }).run(x([1], [1]))).rejects.toMatchObject({
    code: 'RUNTIME_RUN',
  });
});
