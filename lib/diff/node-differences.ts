/** What differs in two nodes that stand for each other: operator, attributes, weights, and what they read. */
import { sameTensor } from '../analysis/isomorphism.js';
import { constantsOf } from '../ir/constants.js';
import { dtypeName } from '../ir/dtype.js';
import type { Attribute, Graph, Node, Tensor } from '../ir/model.js';
import { isDefault } from '../rules/defaults.js';
import { numbersOf } from './elements.js';
import { attributeText as valueText } from './settings.js';
import { opText } from './side.js';

/** One difference, told in words of both sides. */
export interface NodeDifference {
  readonly kind: 'operator' | 'attribute' | 'weight' | 'input';
  /** The attribute, weight or value, of the first model where it has one; '' for the operator. */
  readonly name: string;
  /** What the first model has; '' where it has none. */
  readonly here: string;
  /** What the second has. */
  readonly there: string;
  /** For weights of one shape: the largest |a - b| of their elements; null otherwise, and where one is not finite. */
  readonly maxAbs: number | null;
}

/** A graph and its constants. */
interface Side {
  readonly node: Node;
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** Longest value that is told in full. */
const SHOWN = 60;

const cut = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

const tensorText = ({ dtype, dims }: Tensor): string => `${dtypeName(dtype)} [${dims.join(', ')}]`;

function attributeText(attribute: Attribute | undefined): string {
  if (!attribute) return '';
  if (attribute.type === 'tensor') return tensorText(attribute.value);
  if (attribute.type === 'graph' || attribute.type === 'graphs' || attribute.type === 'other') return attribute.type;
  return cut(JSON.stringify(attribute.value));
}

/** Subgraphs count as the same: what they compute shows in the node's outputs. */
function sameAttribute(a: Attribute | undefined, b: Attribute | undefined): boolean {
  if (a?.type === 'tensor' && b?.type === 'tensor') return sameTensor(a.value, b.value);
  return attributeText(a) === attributeText(b) && JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

const plain = (attribute: Attribute | undefined): unknown =>
  attribute?.type === 'graph' || attribute?.type === 'graphs' ? attribute.type : attribute?.value;

/** The version whose defaults count: before it a Softmax without an axis took another one, which exporters never leave out. */
const OPSET = 13;

/** Whether a node leaves out what the other says though it is the default. */
const says = (node: Node, name: string, own: Attribute | undefined, other: Attribute | undefined): boolean =>
  own === undefined &&
  other !== undefined &&
  node.domain === '' &&
  isDefault(node.opType, name, valueText(other), OPSET);

function attributeDifferences(a: Node, b: Node): readonly NodeDifference[] {
  const names = [...new Set([...a.attributes.keys(), ...b.attributes.keys()])];
  return names.flatMap((name) => {
    const [x, y] = [a.attributes.get(name), b.attributes.get(name)];
    if (sameAttribute(x, y) || says(a, name, x, y) || says(b, name, y, x)) return [];
    return [{ kind: 'attribute', name, here: attributeText(x), there: attributeText(y), maxAbs: null }];
  });
}

function furthest(a: Tensor, b: Tensor): number | null {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  if (!x || !y || String(a.dims) !== String(b.dims)) return null;
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    const apart = Math.abs((x[i] as number) - (y[i] as number));
    if (!(apart <= most)) most = apart;
  }
  return Number.isFinite(most) ? most : null;
}

/** One input of both nodes, where at least one reads a constant. */
function weightDifference(name: string, other: string, a: Side, b: Side): readonly NodeDifference[] {
  const [x, y] = [a.constants.get(name), b.constants.get(other)];
  if (x && y && sameTensor(x, y)) return [];
  const told = (tensor: Tensor | undefined) => (tensor ? tensorText(tensor) : '');
  return [
    { kind: 'weight', name: x ? name : other, here: told(x), there: told(y), maxAbs: x && y ? furthest(x, y) : null },
  ];
}

function inputDifferences(a: Side, b: Side, pairs: ReadonlyMap<string, string>): readonly NodeDifference[] {
  const count = Math.max(a.node.inputs.length, b.node.inputs.length);
  return Array.from({ length: count }, (_, i) => [a.node.inputs[i] ?? '', b.node.inputs[i] ?? ''] as const).flatMap(
    ([name, other]): readonly NodeDifference[] => {
      if (a.constants.has(name) || b.constants.has(other)) return weightDifference(name, other, a, b);
      if ((name === '' && other === '') || pairs.get(name) === other) return [];
      return [{ kind: 'input', name: name === '' ? other : name, here: name, there: other, maxAbs: null }];
    },
  );
}

/**
 * All differences of node `a` in graph `ga` and node `b` in `gb`; `pairs` are the values of both that stand for each other, inputs
 * included. Reads the weights of both nodes.
 */
export function nodeDifferences(
  a: Node,
  ga: Graph,
  b: Node,
  gb: Graph,
  pairs: ReadonlyMap<string, string>,
): readonly NodeDifference[] {
  const [x, y] = [
    { node: a, constants: constantsOf(ga) },
    { node: b, constants: constantsOf(gb) },
  ];
  const other: readonly NodeDifference[] =
    opText(a) === opText(b) ? [] : [{ kind: 'operator', name: '', here: opText(a), there: opText(b), maxAbs: null }];
  return [...other, ...attributeDifferences(a, b), ...inputDifferences(x, y, pairs)];
}
