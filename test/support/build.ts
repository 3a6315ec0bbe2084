/**
 * Models as text, so that a graph and what is expected of it stand on one screen:
 *
 *     build({
 *       inputs: { x: ['batch', 3, 8, 8] },
 *       weights: { w: [8, 3, 3, 3] },
 *       nodes: ['a = Conv(x, w) {pads: [1,1,1,1]}', 'y = Relu(a)'],
 *     })
 */
import { type Dim, type Shape, symbol } from '../../lib/ir/dim.js';
import { DTYPES, FLOAT } from '../../lib/ir/dtype.js';
import type { Attribute, Graph, LocalFunction, Model, Node, Tensor, Value } from '../../lib/ir/model.js';
import { seeded } from '../../lib/ir/random.js';
import { randomly, type Weight } from './weights.js';

export interface Blueprint {
  readonly label?: string;
  /** 17 unless told. */
  readonly opset?: number;
  /** Other operator domains with their versions. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly irVersion?: number;
  /** Axes by name; `'ids: int64'` declares a type other than float32. A string is an open axis. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  /** `'y'`, `'mask: bool'`; the outputs of the last node where left out. */
  readonly outputs?: readonly string[];
  /** Dims for random float32 (different for each `seed`), or a maker of weights.ts. */
  readonly weights?: Readonly<Record<string, readonly number[] | Weight>>;
  /** `y = Op(a, b)`, `y, z = domain::Op(a, , b) {axis: -1, alpha: 0.5, mode: 'x', pads: [1,1], names: ['a','b'], body: @graph}`. */
  readonly nodes: readonly string[];
  /** Graphs and tensors that attributes name as `@name`. */
  readonly parts?: Readonly<Record<string, Graph | Tensor>>;
  /** Initializers that stand among the inputs too, as files up to IR 3 have them. */
  readonly listed?: readonly string[];
  readonly seed?: number;
}

const NUMBERS: ReadonlyMap<string, number> = new Map([...DTYPES].map(([number, { name }]) => [name, number]));

/** `name` or `name: type`. */
function declared(text: string, shape?: readonly (number | string)[]): Value {
  const [name = '', type = 'float32'] = text.split(':').map((part) => part.trim());
  const dims: Shape | undefined = shape?.map((dim): Dim => (typeof dim === 'string' ? symbol(dim) : dim));
  return { name, dtype: NUMBERS.get(type) ?? FLOAT, shape: dims };
}

function scalar(text: string, parts: Blueprint['parts']): Attribute {
  if (text.startsWith('@')) return part(text.slice(1), parts);
  if (text.startsWith("'")) return { type: 'string', value: text.slice(1, -1) };
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error(`not an attribute value: ${text}`);
  return { type: /[.e]/.test(text) ? 'float' : 'int', value };
}

function part(name: string, parts: Blueprint['parts']): Attribute {
  const found = parts?.[name];
  if (!found) throw new Error(`no part @${name}`);
  return 'nodes' in found ? { type: 'graph', value: found } : { type: 'tensor', value: found };
}

function attributeOf(text: string, parts: Blueprint['parts']): Attribute {
  if (text.startsWith('$')) return { type: 'ref', value: text.slice(1), kind: 1 };
  if (!text.startsWith('[')) return scalar(text, parts);
  const items = text
    .slice(1, -1)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (text.startsWith("['")) return { type: 'strings', value: items.map((item) => item.slice(1, -1)) };
  const value = items.map(Number);
  return { type: items.some((item) => /[.e]/.test(item)) ? 'floats' : 'ints', value };
}

const NODE = /^(.*?)=\s*(?:([\w.]+)::)?(\w+)\((.*?)\)\s*(?:\{(.*)\})?$/;
const ATTRIBUTE = /(\w+)\s*:\s*(\[[^\]]*\]|'[^']*'|[^,\s]+)/g;

const names = (text: string): readonly string[] =>
  text.trim() === '' ? [] : text.split(',').map((each) => each.trim());

/** One node from its text. */
export function parseNode(text: string, parts?: Blueprint['parts']): Node {
  const found = NODE.exec(text.trim());
  if (!found) throw new Error(`not a node: ${text}`);
  const [, outputs = '', domain = '', opType = '', inputs = '', attributes = ''] = found;
  const pairs = [...attributes.matchAll(ATTRIBUTE)].map(
    ([, name = '', value = '']) => [name, attributeOf(value, parts)] as const,
  );
  return { name: '', opType, domain, inputs: names(inputs), outputs: names(outputs), attributes: new Map(pairs) };
}

/** A graph from its text; the part of `build` that subgraphs need too. */
export function buildGraph(print: Blueprint): Graph {
  const random = seeded(print.seed ?? 1);
  const nodes = print.nodes.map((text) => parseNode(text, print.parts));
  const initializers = new Map(
    Object.entries(print.weights ?? {}).map(([name, weight]): [string, Tensor] => [
      name,
      (typeof weight === 'function' ? weight : randomly(weight))(name, random),
    ]),
  );
  const listed = (print.listed ?? []).flatMap((name): readonly Value[] => {
    const tensor = initializers.get(name);
    return tensor ? [{ name, dtype: tensor.dtype, shape: tensor.dims }] : [];
  });
  return {
    name: print.label ?? 'test',
    nodes,
    inputs: [...Object.entries(print.inputs).map(([text, shape]) => declared(text, shape)), ...listed],
    outputs: (print.outputs ?? nodes.at(-1)?.outputs ?? []).map((text) => declared(text)),
    valueInfo: [],
    initializers,
    sparseInitializers: [],
  };
}

/** A local function of domain `f` from the text of its nodes; inputs `x`, outputs `y` unless told. */
export const localFunction = (
  name: string,
  nodes: readonly string[],
  rest: Partial<Omit<LocalFunction, 'name' | 'nodes'>> = {},
): LocalFunction => ({
  domain: 'f',
  name,
  overload: '',
  inputs: ['x'],
  outputs: ['y'],
  defaults: new Map(),
  opsets: new Map(),
  nodes: nodes.map((text) => parseNode(text)),
  ...rest,
});

/** The model that a blueprint tells. */
export const build = (print: Blueprint): Model => ({
  label: print.label ?? 'test',
  irVersion: print.irVersion ?? 8,
  opsets: new Map([['', print.opset ?? 17], ...Object.entries(print.domains ?? {})]),
  producer: '',
  graph: buildGraph(print),
  functions: [],
  metadata: new Map(),
});

/** The same architecture trained `count` times: seeds 1, 2, .. */
export const members = (print: Blueprint, count = 2): readonly [Model, Model, ...Model[]] =>
  Array.from({ length: count }, (_, i) => build({ ...print, seed: i + 1, label: `member ${i + 1}` })) as [Model, Model];
