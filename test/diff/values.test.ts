import { describe, expect, test } from '@jest/globals';
import { pairInputs, pairValues } from '../../lib/diff/values.js';
import { build } from '../support/build.js';

const model = (nodes: readonly string[], input = 'x') => build({ inputs: { [input]: ['batch', 4] }, nodes });

const none = () => new Map<string, string>();

/** `a=b` for each pair. */
const pairs = (a: readonly string[], b: readonly string[], input?: string) =>
  pairValues(model(a), model(b, input), none).map(([x, y]) => `${x}=${y}`);

describe('values stand for each other', () => {
  test('by place, where all names differ', () => {
    const [a, b] = [
      ['h = Relu(x)', 'y = Neg(h)'],
      ['1 = Relu(in)', '2 = Neg(1)'],
    ] as const;
    expect(pairs(a, b, 'in')).toEqual(['h=1', 'y=2']);
  });

  test('by place, where one operator differs', () => {
    expect(pairs(['h = Relu(x)', 'y = Neg(h)'], ['1 = Abs(in)', '2 = Neg(1)'], 'in')).toEqual(['h=1', 'y=2']);
  });

  test('by name, where independent branches stand in another order', () => {
    const branches = ['a = Relu(x)', 'b = Neg(x)', 'y = Add(a, b)'];
    expect(pairs(branches, [branches[1] as string, branches[0] as string, branches[2] as string])).toEqual([
      'a=a',
      'b=b',
      'y=y',
    ]);
  });

  test('never by a name that has come to mean something else: numbers shift where a node is inserted', () => {
    const a = ['1 = Relu(x)', '2 = Neg(1)', '3 = Exp(2)', '4 = Relu(3)'];
    const b = ['1 = Relu(x)', '2 = Abs(1)', '3 = Neg(2)', '4 = Exp(3)', '5 = Relu(4)'];
    expect(pairs(a, b)).toEqual(['1=1', '2=3', '3=4', '4=5']);
  });

  test('by sequence, where nodes are missing and names differ', () => {
    const a = ['a = Relu(x)', 'b = Neg(a)', 'c = Exp(b)', 'd = Relu(c)', 'e = Abs(d)'];
    const b = ['1 = Relu(x)', '2 = Exp(1)', '3 = Abs(2)'];
    expect(pairs(a, b)).toEqual(['a=1', 'c=2', 'e=3']);
  });

  test('the outputs always, by position', () => {
    expect(pairs(['h = Relu(x)', 'y = Exp(h)'], ['z = Neg(x)'])).toEqual(['y=z']);
  });

  test('but not values that nothing uses', () => {
    const nodes = ['y, mask = Dropout(x)'];
    const used = build({ inputs: { x: [4] }, nodes, outputs: ['y'] });
    expect(pairValues(used, used, none)).toEqual([['y', 'y']]);
  });
});

test('inputs by name in any order, else by position', () => {
  const two = (a: string, b: string) => build({ inputs: { [a]: [1], [b]: [1] }, nodes: [`y = Add(${a}, ${b})`] });
  expect([...pairInputs(two('a', 'b'), two('b', 'a'))]).toEqual([
    ['a', 'a'],
    ['b', 'b'],
  ]);
  expect([...pairInputs(two('a', 'b'), two('b', 'c'))]).toEqual([
    ['a', 'b'],
    ['b', 'c'],
  ]);
});
