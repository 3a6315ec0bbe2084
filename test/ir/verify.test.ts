import { describe, expect, test } from '@jest/globals';
import type { LocalFunction, Model } from '../../lib/ir/model.js';
import { expectKnownVersions, verifyModel } from '../../lib/ir/verify.js';
import { type Blueprint, build, buildGraph, localFunction } from '../support/build.js';

const verify = (nodes: readonly string[], rest: Partial<Blueprint> = {}) =>
  verifyModel(build({ inputs: { x: [2] }, nodes, ...rest }));

const refusal = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

describe('a sound graph passes', () => {
  test.each<readonly [string, readonly string[], Partial<Blueprint>]>([
    ['a chain', ['a = Relu(x)', 'y = Relu(a)'], {}],
    ['no nodes at all', [], { outputs: ['x'] }],
    ['left out inputs and outputs', ['y, , z = Op(x, , x)'], { outputs: ['z'] }],
    ['an initializer as output', [], { weights: { w: [2] }, outputs: ['w'] }],
    ['initializers among the inputs (IR 3)', ['y = Add(x, w)'], { weights: { w: [2] }, listed: ['w'], irVersion: 3 }],
  ])('%s', (_, nodes, rest) => verify(nodes, rest));
});

describe('what is not there, or too late', () => {
  test.each<readonly [string, readonly string[], string]>([
    ['nothing defines it', ['y = Relu(a)'], 'Relu (makes "y") uses the value "a", which nothing defines'],
    ['a later node makes it', ['y = Relu(a)', 'a = Relu(x)'], 'made only later'],
    ['an output that nothing makes', ['a = Relu(x)'], 'the graph output uses the value "y"'],
  ])('%s', (_, nodes, message) => {
    expect(() => verify(nodes, { outputs: ['y'] })).toThrow(refusal('VALUE_UNDEFINED', message));
  });
});

describe('a circle is told with its path', () => {
  test.each<readonly [string, readonly string[], string]>([
    ['of one node', ['y = Relu(y)'], '"y" -> "y"'],
    ['of two', ['a = Relu(b)', 'b = Relu(a)'], '"a" -> "b" -> "a"'],
    [
      'of three, behind others',
      ['p = Relu(x)', 'a = Add(p, c)', 'b = Add(a, p)', 'c = Relu(b)'],
      '"a" -> "b" -> "c" -> "a"',
    ],
    ['through a second output', ['a, b = Op(x, b)'], '"b" -> "b"'],
  ])('%s', (_, nodes, path) => {
    expect(() => verify(nodes)).toThrow(refusal('GRAPH_CYCLE', path));
  });
});

describe('two things of one name', () => {
  test.each<readonly [string, readonly string[], Partial<Blueprint>]>([
    ['two nodes', ['a = Relu(x)', 'a = Abs(x)'], {}],
    ['one node twice', ['a, a = Op(x)'], {}],
    ['a node and an input', ['x = Relu(x)'], {}],
    ['a node and an initializer', ['w = Relu(x)'], { weights: { w: [2] } }],
  ])('%s', (_, nodes, rest) => {
    expect(() => verify(nodes, rest)).toThrow(expect.objectContaining({ code: 'NAME_DUPLICATE' }));
  });

  test('two inputs', () => {
    const model = build({ inputs: { x: [2] }, nodes: ['y = Relu(x)'] });
    const twice = { ...model, graph: { ...model.graph, inputs: [...model.graph.inputs, ...model.graph.inputs] } };
    expect(() => verifyModel(twice)).toThrow(refusal('NAME_DUPLICATE', 'graph input "x"'));
  });
});

describe('subgraphs', () => {
  const branch = (node: string) => buildGraph({ inputs: {}, nodes: [node] });

  test('see what stands before them outside', () => {
    verify(['a = Relu(x)', 'y = If(x) {then_branch: @t, else_branch: @t}'], { parts: { t: branch('b = Relu(a)') } });
  });

  test('do not see what comes later', () => {
    const parts = { t: branch('b = Relu(late)') };
    expect(() => verify(['y = If(x) {then_branch: @t}', 'late = Relu(x)'], { parts })).toThrow(
      refusal('VALUE_UNDEFINED', 'made only later'),
    );
  });

  test('cannot use their own node to make what they need', () => {
    const parts = { t: branch('b = Relu(y)') };
    expect(() => verify(['y = If(x) {then_branch: @t}'], { parts })).toThrow(refusal('GRAPH_CYCLE', '"y"'));
  });

  test('are verified inside', () => {
    const parts = { t: branch('b = Relu(b)') };
    expect(() => verify(['y = If(x) {then_branch: @t}'], { parts })).toThrow(refusal('GRAPH_CYCLE', '"b"'));
  });
});

describe('local functions', () => {
  const local = (name: string, ...calls: readonly string[]): LocalFunction =>
    localFunction(name, [...calls.map((call, i) => `v${i} = f::${call}(x)`), 'y = Relu(x)']);
  const having = (...functions: readonly LocalFunction[]): Model => ({
    ...build({ inputs: { x: [2] }, nodes: ['y = Relu(x)'] }),
    functions,
  });

  test('may call each other, more than once', () => {
    verifyModel(having(local('a', 'b', 'c', 'c'), local('b', 'c'), local('c')));
  });

  test('not in a circle', () => {
    expect(() => verifyModel(having(local('a', 'b'), local('b', 'c'), local('c', 'b')))).toThrow(
      refusal('FUNCTION_CYCLE', '"b" -> "c" -> "b"'),
    );
    expect(() => verifyModel(having(local('a', 'a')))).toThrow(refusal('FUNCTION_CYCLE', '"a" -> "a"'));
  });

  test.each<[string, readonly string[], ReturnType<typeof refusal>]>([
    ['a value made twice', ['y, y = Split(x)'], refusal('NAME_DUPLICATE', '"y"')],
    ['a value that is an input', ['x = Relu(x)', 'y = Relu(x)'], refusal('NAME_DUPLICATE', '"x"')],
    ['a value from nowhere', ['y = Relu(z)'], refusal('VALUE_UNDEFINED', '"z"')],
    ['an output that is not made', ['v = Relu(x)'], refusal('VALUE_UNDEFINED', '"y"')],
  ])('%s', (_, nodes, refused) => {
    expect(() => verifyModel(having(localFunction('a', nodes)))).toThrow(refused);
  });

  test('called for more outputs than they have, also from another function', () => {
    const one = local('a');
    const calls = (node: string): Model => ({ ...build({ inputs: { x: [2] }, nodes: [node] }), functions: [one] });
    verifyModel(calls('y = f::a(x)'));
    const refused = refusal('VALUE_UNDEFINED', '"z", an output that the function does not have');
    expect(() => verifyModel(calls('y, z = f::a(x)'))).toThrow(refused);
    expect(() => verifyModel(having(one, localFunction('b', ['y, z = f::a(x)'])))).toThrow(refused);
  });

  test('two of one name', () => {
    expect(() => verifyModel(having(local('a'), local('a')))).toThrow(refusal('NAME_DUPLICATE', 'local function "a"'));
  });
});

test.each([
  ['ir_version', { irVersion: 99 }],
  ['opset', { opset: 99 }],
])('a newer %s is unknown to transforms', (what, rest) => {
  const model = build({ inputs: { x: [2] }, nodes: ['y = Relu(x)'], ...rest });
  verifyModel(model);
  expect(() => expectKnownVersions(model)).toThrow(refusal('VERSION_UNKNOWN', `${what} 99`));
});

test('a chain of 10,000 nodes is no matter of recursion', () => {
  const nodes = Array.from({ length: 10_000 }, (_, i) => `v${i + 1} = Relu(v${i})`);
  verifyModel(build({ inputs: { v0: [2] }, nodes }));
  expect(() => verifyModel(build({ inputs: { x: [2] }, nodes: [...nodes, 'v0 = Relu(v10000)'] }))).toThrow(
    expect.objectContaining({ code: 'GRAPH_CYCLE' }),
  );
});
