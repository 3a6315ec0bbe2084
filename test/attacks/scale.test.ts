import { describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { parseModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { analyse, describeModel } from '../../lib/report/inspect.js';
import { ensemble } from '../../lib/transforms/ensemble.js';
import { prune } from '../../lib/transforms/prune.js';
import { codeFrom } from '../support/codes.js';
import {
  attribute,
  block,
  filled,
  floats,
  type GraphWire,
  graph,
  int,
  join,
  model,
  node,
  opset,
  packed,
  tensor,
  value,
} from '../support/wire.js';

/** What a hostile file of a few MB may take at most, on a machine that has other things to do. */
const SECONDS = 20;

const many = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const vector = (name: string, length: number): Uint8Array =>
  tensor({ name, dims: [length], raw: filled(4 * length, 0x3c) });
const matrix = (name: string, rows: number, columns: number): Uint8Array =>
  tensor({ name, dims: [rows, columns], raw: filled(4 * rows * columns, 0x3c) });
const int64s = (name: string, values: readonly number[]): Uint8Array =>
  tensor({ name, dtype: 7, dims: [values.length], more: packed(7, values) });

const X = [value('x', 1, ['n', 4])];

/** y is the output of a chain of so many nodes from x. */
const chain = (count: number, link: (from: string, to: string, i: number) => Uint8Array) =>
  many(count, (i) => link(i === 0 ? 'x' : `v${i}`, i === count - 1 ? 'y' : `v${i + 1}`, i));

const Y = [value('y')];

const branch = (inner: Uint8Array): Uint8Array => block(5, attribute('then_branch', 5, block(6, inner)));

const calls = (name: string, called: readonly string[]): Uint8Array =>
  block(
    25,
    join(
      block(1, name),
      block(10, 'f'),
      Buffer.concat(called.map((each) => block(7, node(each, ['x'], ['y'], block(7, 'f'))))),
    ),
  );

const FILES: Readonly<Record<string, () => Uint8Array>> = {
  'a chain of 30,000 nodes': () =>
    model(graph({ inputs: X, outputs: Y, nodes: chain(30_000, (from, to) => node('Relu', [from], [to])) })),
  'a Slice that is promised a thousand million bounds': () =>
    model(
      graph({
        inputs: [...X, value('from', 7, [1e9]), value('to', 7, [1e9])],
        outputs: Y,
        initializers: [matrix('w', 4, 4)],
        nodes: [node('MatMul', ['x', 'w'], ['h']), node('Slice', ['h', 'from', 'to'], ['y'])],
      }),
    ),
  'a value that 30,000 nodes use': () =>
    model(
      graph({
        inputs: X,
        outputs: [value('y1')],
        initializers: [matrix('w', 4, 4)],
        nodes: [node('MatMul', ['x', 'w'], ['h']), ...many(30_000, (i) => node('Relu', ['h'], [`y${i}`]))],
      }),
    ),
  'a vector that 20,000 nodes add': () =>
    model(
      graph({
        inputs: X,
        outputs: Y,
        initializers: [vector('b', 4)],
        nodes: chain(20_000, (from, to) => node('Add', [from, 'b'], [to])),
      }),
    ),
  '20,000 layers': () =>
    model(
      graph({
        inputs: X,
        outputs: Y,
        initializers: [matrix('w', 4, 4)],
        nodes: chain(20_000, (from, to) => node('MatMul', [from, 'w'], [to])),
      }),
    ),
  '5,000 branches side by side': () =>
    model(
      graph({
        inputs: X,
        outputs: [value('y1')],
        nodes: many(30_000, (i) =>
          node('If', ['x'], [`y${i}`], branch(graph({ nodes: [node('Relu', ['x'], ['z'])] }))),
        ),
      }),
    ),
  'a function that is called 130,000 times by another': () =>
    join(
      model(graph({ inputs: X, outputs: Y, nodes: [node('a', ['x'], ['y'], block(7, 'f'))] })),
      block(8, opset(1, 'f')),
      calls(
        'a',
        many(130_000, () => 'b'),
      ),
      calls('b', []),
    ),
  '20,000 functions, each calling the next': () =>
    join(
      model(graph({ inputs: X, outputs: Y, nodes: [node('f0', ['x'], ['y'], block(7, 'f'))] })),
      block(8, opset(1, 'f')),
      ...many(20_000, (i) => calls(`f${i}`, [`f${i + 1}`])),
    ),
  'a shape that is joined with itself 40 times': () =>
    model(
      graph({
        inputs: X,
        outputs: Y,
        nodes: [
          node('Shape', ['x'], ['v0']),
          ...many(40, (i) =>
            node(
              'Concat',
              [`v${i}`, `v${i}`],
              [i === 39 ? 'y' : `v${i + 1}`],
              block(5, attribute('axis', 2, int(3, 0))),
            ),
          ),
        ],
      }),
    ),
  'one Concat of 50,000 lists of 10,000 numbers': () =>
    model(
      graph({
        inputs: X,
        outputs: Y,
        initializers: [
          int64s(
            'l',
            many(10_000, () => 1),
          ),
        ],
        nodes: [
          node(
            'Concat',
            many(50_000, () => 'l'),
            ['y'],
            block(5, attribute('axis', 2, int(3, 0))),
          ),
        ],
      }),
    ),
  'a length that is multiplied with itself 60 times': () =>
    model(
      graph({
        inputs: X,
        outputs: Y,
        nodes: [
          node('Shape', ['x'], ['v0']),
          ...many(60, (i) => node('Mul', [`v${i}`, `v${i}`], [i === 59 ? 'y' : `v${i + 1}`])),
        ],
      }),
    ),
  '200 axes of length 1': () =>
    model(
      graph({
        inputs: X,
        outputs: Y,
        initializers: [int64s('a', [0])],
        nodes: chain(200, (from, to) => node('Unsqueeze', [from, 'a'], [to])),
      }),
    ),
  'a Range of 2^53 numbers': () =>
    model(
      graph({
        inputs: X,
        outputs: Y,
        initializers: [0, Number.MAX_SAFE_INTEGER, 1].map((each, i) =>
          tensor({ name: `r${i}`, dtype: 7, more: packed(7, [each]) }),
        ),
        nodes: [node('Range', ['r0', 'r1', 'r2'], ['y'])],
      }),
    ),
  'a Slice of 10^7 positions, one by one': () =>
    model(
      graph({
        inputs: [value('x', 1, ['n', 10_000_000])],
        outputs: Y,
        initializers: [int64s('s', [1]), int64s('e', [9_999_999]), int64s('a', [1])],
        nodes: [node('Slice', ['x', 's', 'e', 'a'], ['y'])],
      }),
    ),
  'a Gather of 60,000 positions': () =>
    model(
      graph({
        inputs: [value('x', 1, ['n', 60_000])],
        outputs: Y,
        initializers: [
          int64s(
            'p',
            many(60_000, (i) => 59_999 - i),
          ),
        ],
        nodes: [node('Gather', ['x', 'p'], ['y'], block(5, attribute('axis', 2, int(3, 1))))],
      }),
    ),
  'ten values of 1,500,000 positions': () =>
    model(
      graph({
        inputs: [value('x', 1, ['n', 1, 1_500_000])],
        outputs: Y,
        nodes: chain(9, (from, to) => node('Relu', [from], [to])),
      }),
    ),
  '20,000 names that copies would like to have': () =>
    model(
      graph({
        inputs: X,
        outputs: Y,
        initializers: [vector('b', 4), ...many(20_000, (i) => tensor({ name: `b.${i + 1}`, raw: floats([1]) }))],
        nodes: chain(1000, (from, to) => node('Add', [from, 'b'], [to])),
      }),
    ),
  '1,000 groups of neurons': () =>
    model(
      graph({
        inputs: X,
        outputs: [value('v1')],
        initializers: [...many(1000, (i) => matrix(`a${i}`, 4, 8)), ...many(1000, (i) => matrix(`b${i}`, 8, 4))],
        nodes: many(1000, (i) => [
          node('MatMul', ['x', `a${i}`], [`u${i}`]),
          node('MatMul', [`u${i}`, `b${i}`], [`v${i}`]),
        ]).flat(),
      }),
    ),
  'a bias with neurons on 18 axes': () => model(graph(outerProduct(18))),
};

/** The outer product of so many layers of two neurons, and a bias that lies along all of them. */
function outerProduct(count: number): GraphWire {
  const axes = many(count, (i) => i);
  const shape = (at: number) => [0, ...axes.map((each) => (each === at ? 2 : 1))];
  const spread = (i: number) => [
    node('MatMul', ['x', `w${i}`], [`h${i}`]),
    node('Reshape', [`h${i}`, `s${i}`], [`r${i}`]),
    node('Mul', [i === 0 ? 'one' : `p${i - 1}`, `r${i}`], [`p${i}`]),
  ];
  return {
    inputs: X,
    outputs: Y,
    initializers: [
      ...axes.map((i) => matrix(`w${i}`, 4, 2)),
      ...axes.map((i) => int64s(`s${i}`, shape(i))),
      tensor({ name: 'one', raw: floats([1]) }),
      tensor({ name: 'bias', dims: axes.map(() => 2), raw: filled(4 * 2 ** count, 0x3c) }),
      int64s(
        'all',
        axes.map((i) => i + 1),
      ),
    ],
    nodes: [
      ...axes.flatMap(spread),
      node('Add', [`p${count - 1}`, 'bias'], ['q']),
      node('ReduceSum', ['q', 'all'], ['y']),
    ],
  };
}

const SCORING = { importance: 'l2', seed: 0, allowNonfinite: false, scope: 'layer', ratio: 0.5, ignore: [] } as const;

/** What comes out of each step: `none` where it works, else a code. */
function codesOf(read: Model): readonly string[] {
  const steps = [
    () => verifyModel(read),
    () => JSON.stringify(describeModel(read, analyse(read), { neurons: true, nodes: true })),
    () => encodeModel(prune(read, SCORING).model),
    () => encodeModel(ensemble([read, read], {}).model),
  ];
  return steps.map(codeFrom);
}

describe('files that are built to take long', () => {
  test.each(Object.entries(FILES))(
    '%s',
    (_, make) => {
      const read = parseModel(make());
      const started = performance.now();
      const codes = codesOf(read);
      expect(codes.filter((code) => code.startsWith('not ours') || code === 'DEFECT')).toEqual([]);
      expect((performance.now() - started) / 1000).toBeLessThan(SECONDS);
    },
    120_000,
  );
});
