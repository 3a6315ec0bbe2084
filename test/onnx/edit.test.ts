import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { memoryBytes } from '../../lib/ir/bytes.js';
import { multiply, symbol } from '../../lib/ir/dim.js';
import type { Graph, Model, Node, Tensor, Value } from '../../lib/ir/model.js';
import { parseModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { localFunction } from '../support/build.js';
import { codeFrom } from '../support/codes.js';
import { wholeModel } from '../support/decode.js';
import {
  attribute,
  block,
  entry,
  filled,
  graph,
  int,
  join,
  node,
  opset,
  relu,
  tensor,
  UNKNOWN,
  value,
} from '../support/wire.js';

const u = UNKNOWN;
const original = parseModel(
  join(
    relu({
      nodes: [
        join(
          node(
            'Relu',
            ['x'],
            ['y'],
            join(block(5, join(attribute('axis', 2, int(3, 1)), u)), block(9, entry('k', 'v'))),
          ),
          u,
        ),
      ],
      initializers: [
        tensor({ name: 'small', dims: [1], raw: filled(4), more: u }),
        tensor({ name: 'large', dims: [2000], more: join(block(4, filled(8000, 1)), u) }),
      ],
      inputs: [join(value('x', 1, ['n', 3]), u)],
      more: u,
    }),
    block(14, join(entry('a', '1'), u)),
    u,
  ),
);

const again = (model: Model): Model => parseModel(encodeModel(model));
const withGraph = (changes: Partial<Graph>): Model => ({ ...original, graph: { ...original.graph, ...changes } });
const only = <T>(items: Iterable<T>): T => [...items][0] as T;
const unknowns = (model: Model): number =>
  JSON.stringify(wholeModel(encodeModel(model))).split('unknown fields').length - 1;
const bytesOf = ({ data }: Tensor): readonly number[] => [...(data?.read(0, data.length) ?? [])];

test('the original has unknown fields everywhere', () => expect(unknowns(original)).toBe(8));

describe('an edit changes what it names, and nothing else', () => {
  test('a node', () => {
    const edited: Node = { ...only(original.graph.nodes), inputs: ['x', 'large'], name: 'renamed' };
    const model = withGraph({ nodes: [edited] });
    expect(only(again(model).graph.nodes)).toMatchObject({ name: 'renamed', inputs: ['x', 'large'], outputs: ['y'] });
    expect(unknowns(model)).toBe(8);
    expect(JSON.stringify(wholeModel(encodeModel(model)))).toContain('metadata_props');
  });

  test('an attribute', () => {
    const first = only(original.graph.nodes);
    const axis = first.attributes.get('axis');
    const attributes = new Map([['axis', { ...axis, type: 'ints', value: [2, -3] } as const]]);
    const model = withGraph({ nodes: [{ ...first, attributes }] });
    expect(only(again(model).graph.nodes).attributes.get('axis')).toMatchObject({ type: 'ints', value: [2, -3] });
    expect(unknowns(model)).toBe(8);
  });

  test('a value', () => {
    const x = only(original.graph.inputs);
    const model = withGraph({ inputs: [{ ...x, shape: [symbol('n'), 4] }] });
    expect(only(again(model).graph.inputs)).toMatchObject({ dtype: 1, shape: [symbol('n'), 4] });
    expect(unknowns(model)).toBe(8);
  });

  test('a tensor that gets other elements loses its typed data and keeps the rest', () => {
    const large = original.graph.initializers.get('large') as Tensor;
    const edited = { ...large, dims: [2], data: memoryBytes(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)) };
    const model = withGraph({ initializers: new Map([['large', edited]]) });
    const tensor = again(model).graph.initializers.get('large') as Tensor;
    expect(tensor.dims).toEqual([2]);
    expect(bytesOf(tensor)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(JSON.stringify(wholeModel(encodeModel(model)))).not.toContain('float_data":["');
    expect(unknowns(model)).toBe(7);
  });

  test('a tensor under another name or shape keeps its elements as they were', () => {
    const large = original.graph.initializers.get('large') as Tensor;
    const model = withGraph({ initializers: new Map([['other', { ...large, dims: [20, 100] }]]) });
    const tensor = again(model).graph.initializers.get('other') as Tensor;
    expect(tensor).toMatchObject({ name: 'other', dims: [20, 100] });
    expect(bytesOf(tensor)).toEqual(bytesOf(large));
  });

  test('metadata and operator sets', () => {
    const model = {
      ...original,
      metadata: new Map([...original.metadata, ['b', '2']]),
      opsets: new Map([
        ['', 18],
        ['local', 1],
      ]),
    };
    expect(again(model)).toMatchObject({ metadata: model.metadata, opsets: model.opsets });
    expect(unknowns(model)).toBe(8);
  });

  test('the name ai.onnx stays where it was', () => {
    const model = parseModel(join(int(1, 10), block(7, graph({})), block(8, opset(17, 'ai.onnx'))));
    const written = JSON.stringify(wholeModel(encodeModel({ ...model, opsets: new Map([['', 18]]) })));
    expect(written).toContain('ai.onnx');
  });
});

describe('new things', () => {
  const made: Graph = {
    name: 'made',
    nodes: [
      {
        name: '',
        opType: 'If',
        domain: '',
        inputs: ['c', ''],
        outputs: ['y'],
        attributes: new Map([
          ['f', { type: 'float', value: 0.5 }],
          ['i', { type: 'int', value: -(2 ** 53) + 1 }],
          ['s', { type: 'string', value: 'é' }],
          ['t', { type: 'tensor', value: { name: '', dtype: 7, dims: [1], data: memoryBytes(filled(8, 1)) } }],
          ['fs', { type: 'floats', value: [1, Number.POSITIVE_INFINITY] }],
          ['is', { type: 'ints', value: [] }],
          ['ss', { type: 'strings', value: ['a', ''] }],
        ]),
      },
    ],
    inputs: [{ name: 'x', dtype: 1, shape: [symbol('n'), multiply(4, symbol('m')), symbol('?x.2'), 3] }],
    outputs: [{ name: 'y', dtype: undefined, shape: undefined }],
    valueInfo: [{ name: 'v', dtype: 10, shape: undefined }],
    initializers: new Map([['w', { name: 'w', dtype: 1, dims: [1], data: memoryBytes(filled(4, 2)) }]]),
    sparseInitializers: [],
  };
  const model: Model = {
    label: 'made',
    irVersion: 9,
    opsets: new Map([
      ['', 17],
      ['com.microsoft', 1],
    ]),
    producer: 'a test 1.0',
    graph: {
      ...made,
      nodes: [
        {
          ...only(made.nodes),
          attributes: new Map([...only(made.nodes).attributes, ['g', { type: 'graph', value: made }]]),
        },
      ],
    },
    functions: [
      localFunction('F', [], {
        ...{ domain: 'local', overload: 'o', nodes: made.nodes, inputs: ['a', 'b'], outputs: ['c'] },
        ...{ defaults: new Map([['d', { type: 'int', value: 3 }]]), opsets: new Map([['', 17]]) },
      }),
    ],
    metadata: new Map([['k', 'v']]),
  };

  test('are read as they were made', () => {
    const read = again(model);
    expect(read).toMatchObject({
      irVersion: 9,
      producer: 'a test 1.0',
      opsets: model.opsets,
      metadata: model.metadata,
    });
    const { nodes: _, defaults, ...local } = only(model.functions);
    expect(read.functions[0]).toMatchObject(local);
    expect(read.functions[0]?.defaults.get('d')).toMatchObject({ ...defaults.get('d') });
    for (const graph of [read.graph, read.graph.nodes[0]?.attributes.get('g')?.value as Graph]) {
      expect(graph).toMatchObject({ name: 'made', outputs: made.outputs, valueInfo: made.valueInfo });
      expect(graph.inputs[0]?.shape).toEqual([symbol('n'), symbol('4*m'), symbol('?x.2'), 3]);
      expect(bytesOf(graph.initializers.get('w') as Tensor)).toEqual([2, 2, 2, 2]);
      const attributes = new Map(graph.nodes[0]?.attributes);
      attributes.delete('g');
      const expected = [...only(made.nodes).attributes].map(([name, { type, value }]) => [
        name,
        type,
        type === 'tensor' ? 0 : value,
      ]);
      expect([...attributes].map(([name, { type, value }]) => [name, type, type === 'tensor' ? 0 : value])).toEqual(
        expected,
      );
    }
  });

  test('a second copy is the same', () => {
    expect(wholeModel(encodeModel(again(model)))).toEqual(wholeModel(encodeModel(model)));
  });

  test('a constant made an initializer, and the other way round', () => {
    const large = original.graph.initializers.get('large') as Tensor;
    const constant: Node = {
      ...only(original.graph.nodes),
      opType: 'Constant',
      attributes: new Map([['value', { type: 'tensor', value: large }]]),
    };
    const folded = again(withGraph({ nodes: [constant], initializers: new Map() }));
    const attribute = only(folded.graph.nodes).attributes.get('value');
    const inner = attribute?.value as Tensor;
    expect(bytesOf(inner)).toEqual(bytesOf(large));
    const unfolded = again({
      ...folded,
      graph: { ...folded.graph, initializers: new Map([['k', { ...inner, name: 'k' }]]) },
    });
    expect(bytesOf(unfolded.graph.initializers.get('k') as Tensor)).toEqual(bytesOf(large));
  });

  test.each<[string, Partial<Graph>]>([
    [
      'elements that do not fit the shape',
      { initializers: new Map([['w', { name: 'w', dtype: 1, dims: [2], data: memoryBytes(filled(4)) }]]) },
    ],
    [
      'a tensor without elements',
      { initializers: new Map([['w', { name: 'w', dtype: 8, dims: [2], data: undefined }]]) },
    ],
    ['a sparse initializer from nowhere', { sparseInitializers: ['s'] }],
    ['a value for a node', { nodes: [only(original.graph.inputs) as Value as unknown as Node] }],
  ])('DEFECT: %s', (_, changes) => {
    expect(codeFrom(() => encodeModel(withGraph(changes)))).toBe('DEFECT');
  });
});

test('what python wrote: an edited member still has its other parts', () => {
  const bytes = readFileSync('fixtures/members/digits-mlp0.onnx');
  const model = parseModel(bytes);
  const [name, tensor] = only(model.graph.initializers) as [string, Tensor];
  const data = memoryBytes(filled(tensor.data?.length ?? 0, 1));
  const edited = {
    ...model,
    graph: { ...model.graph, initializers: new Map([...model.graph.initializers, [name, { ...tensor, data }]]) },
  };
  const back = again({ ...edited, graph: { ...edited.graph, initializers: model.graph.initializers } });
  expect(wholeModel(encodeModel(back))).toEqual(wholeModel(bytes));
  expect(wholeModel(encodeModel(edited))).not.toEqual(wholeModel(bytes));
});
