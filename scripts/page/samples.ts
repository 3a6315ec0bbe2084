/** Contents of pages to measure and to look at: of model files in a simple way, of two models, and made up. */
import { dtypeName, REAL_TYPES } from '../../lib/ir/dtype.js';
import type { Attribute, Model, Node, Tensor, Value } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { usedNames } from '../../lib/ir/walk.js';
import { readModel } from '../../lib/onnx/read.js';
import type {
  Change,
  Histogram,
  PageAttribute,
  PageData,
  PageEdge,
  PageNode,
  PageTensor,
} from '../../lib/page/data.js';

const BINS = 40;

/** A name that would run if a page read it as HTML. */
export const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(1)>';

function histogram(values: ArrayLike<number>, low: number, high: number): Histogram {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of Array.from(values)) {
    const bin = Math.min(BINS - 1, Math.floor((BINS * (value - low)) / (high - low || 1)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { low, high, counts, nonfinite: 0 };
}

/** A tensor, with the one of the same name in the model before, if any. */
function pageTensor(tensor: Tensor, before: Tensor | undefined): PageTensor {
  const type = `${dtypeName(tensor.dtype)} [${tensor.dims.join(', ')}]`;
  if (!REAL_TYPES.has(tensor.dtype)) return { name: tensor.name, type, before: null, after: null, lines: [] };
  const [was, is] = [before && tensorReals(before), tensorReals(tensor)];
  const all = [...is, ...(was ?? [])];
  const low = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values).slice(0, 50_000)).toFixed(3);
  return {
    name: tensor.name,
    type,
    before: was ? histogram(was, low, high) : null,
    after: histogram(is, low, high),
    lines: was ? [`norm ${norm(was)} -> ${norm(is)}`] : [`norm ${norm(is)}`],
  };
}

const attributeText = (attribute: Attribute): string =>
  attribute.type === 'tensor' ? 'a tensor' : attribute.type.startsWith('graph') ? 'a graph' : String(attribute.value);

const valueType = (value: Value): string =>
  `${value.dtype === undefined ? 'no tensor' : dtypeName(value.dtype)} [${(value.shape ?? [])
    .map((dim) => (typeof dim === 'number' ? dim : dim.symbols.join('*')))
    .join(', ')}]`;

const end = (kind: 'input' | 'output', value: Value): PageNode => ({
  ...NOTHING,
  name: value.name,
  kind,
  op: valueType(value),
});

const NOTHING: PageNode = {
  name: '',
  kind: 'node',
  op: '',
  detail: '',
  change: 'same',
  notes: [],
  attributes: [],
  inputs: [],
  outputs: [],
  tensors: [],
  neurons: [],
};

function pageNode(node: Node, model: Model, before: Model | undefined): PageNode {
  const own = node.inputs.flatMap((name) => model.graph.initializers.get(name) ?? []);
  const attributes = [...node.attributes].map(
    ([name, attribute]): PageAttribute => ({ name, before: null, after: attributeText(attribute) }),
  );
  const inner = node.inputs.filter((name) => name !== '' && !model.graph.initializers.has(name));
  return {
    ...NOTHING,
    name: node.name,
    op: node.opType,
    detail: own[0]?.dims.join('\u00d7') ?? '',
    attributes,
    inputs: inner.map((heading) => ({ heading, lines: [] })),
    outputs: node.outputs.map((heading) => ({ heading, lines: [] })),
    tensors: own.map((tensor) => pageTensor(tensor, before?.graph.initializers.get(tensor.name))),
  };
}

/** A page of one model, or of one beside an earlier one of the same structure. */
export function pageOf(path: string, earlier?: string): PageData {
  const model = readModel(path);
  const before = earlier === undefined ? undefined : readModel(earlier);
  const { graph } = model;
  const nodes = [
    ...graph.inputs.filter(({ name }) => !graph.initializers.has(name)).map((value) => end('input', value)),
    ...graph.nodes.map((node) => pageNode(node, model, before)),
    ...graph.outputs.map((value) => end('output', value)),
  ];
  const first = nodes.length - graph.outputs.length - graph.nodes.length;
  const makers = new Map<string, number>(nodes.slice(0, first).map(({ name }, i) => [name, i]));
  for (const [i, node] of graph.nodes.entries()) for (const name of node.outputs) makers.set(name, first + i);
  const edgesInto = (to: number, names: readonly string[]): readonly PageEdge[] =>
    names.flatMap((name) => {
      const from = makers.get(name);
      return from === undefined ? [] : [{ from, to, label: name, change: 'same' as const }];
    });
  const edges = [
    ...graph.nodes.flatMap((node, i) => edgesInto(first + i, usedNames(node))),
    ...graph.outputs.flatMap(({ name }, i) => edgesInto(first + graph.nodes.length + i, [name])),
  ];
  const label = path.split('/').at(-1) ?? path;
  return {
    title: label,
    verdict: `${graph.nodes.length} nodes, ${graph.initializers.size} weights, opset ${model.opsets.get('') ?? '?'}.`,
    facts: [
      { heading: 'producer', lines: [model.producer] },
      { heading: 'inputs', lines: graph.inputs.map((value) => `${value.name}: ${valueType(value)}`) },
      { heading: 'outputs', lines: graph.outputs.map((value) => `${value.name}: ${valueType(value)}`) },
    ],
    members: [],
    nodes,
    edges,
  };
}

const CHANGES: readonly Change[] = ['changed', 'same', 'added', 'moved', 'removed', 'renamed', 'same', 'same'];

/** The same page with changes and neurons made up, so that all that a page can show is on it, and one hostile name. */
export function made(page: PageData, members: readonly string[]): PageData {
  const nodes = page.nodes.map((node, i): PageNode => {
    const change = node.kind === 'node' ? (CHANGES[i % CHANGES.length] ?? 'same') : 'same';
    const width = Number(node.detail.split('\u00d7')[0]) || 0;
    const part = Math.floor(width / members.length);
    const runs = members.map((_, m) => [m, m === 0 ? width - part * (members.length - 1) : part] as const);
    const mixed = runs.flatMap(([m, count]) => [
      [m, Math.ceil(count / 2)] as const,
      [(m + 1) % members.length, Math.floor(count / 2)] as const,
    ]);
    const kernel = node.attributes.map((attribute, k) => ({
      ...attribute,
      before: k === 0 ? '1, 1' : attribute.after,
    }));
    return {
      ...node,
      name: i === 2 ? HOSTILE : node.name,
      change,
      notes: change === 'same' ? [] : [`${change}: an example of a note, with <b>markup</b> that stays text`],
      attributes: kernel,
      neurons: node.tensors.length > 0 && width > 1 ? [{ group: `${node.name || node.op}.weight`, runs: mixed }] : [],
    };
  });
  const edges = page.edges.map((edge, i) => ({ ...edge, change: i % 7 === 3 ? ('added' as const) : edge.change }));
  const verdict = 'They differ: 40% of the nodes changed, and the weights moved by 3.1% of their norm.';
  return { ...page, title: `a.onnx \u2192 ${page.title}`, verdict, members, nodes, edges };
}

/** A chain of `count` nodes with a link over every fourth, and long links besides: what a deep network looks like. */
export function chain(count: number): PageData {
  const ops = ['Conv', 'BatchNormalization', 'Relu', 'Add'];
  const nodes = Array.from({ length: count }, (_, i): PageNode => {
    const changed = i % 131 === 60 ? 'changed' : i % 389 === 7 ? 'added' : 'same';
    return {
      ...NOTHING,
      name: `node_${i}`,
      op: ops[i % 4] ?? 'Add',
      detail: i % 4 === 0 ? '64\u00d764\u00d73\u00d73' : '',
      change: changed,
    };
  });
  const edge = (from: number, to: number): PageEdge => ({ from, to, label: `value_${from}`, change: 'same' });
  const edges = [
    ...nodes.slice(1).map((_, i) => edge(i, i + 1)),
    ...nodes.flatMap((_, i) => (i % 4 === 0 && i + 4 < count ? [edge(i, i + 4)] : [])),
    ...nodes.flatMap((_, i) => (i % 97 === 0 && i + 300 < count ? [edge(i, i + 300)] : [])),
  ];
  return {
    title: `chain of ${count}`,
    verdict: `${count.toLocaleString('en')} nodes, made up to measure.`,
    facts: [],
    members: [],
    nodes,
    edges,
  };
}
