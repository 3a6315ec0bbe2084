/** Mutations that keep the file whole and change what it says: fields, numbers, names, lengths. */
import type { Random } from '../../lib/ir/random.js';
import { STRUCTURE_RULES } from '../../lib/rules/structure/index.js';
import { attribute, block, int, join, node, varint } from '../../test/support/wire.js';
import { below, pick } from './pick.js';
import { type Item, parseTree, type Spot, spotsOf } from './tree.js';

/** Changes the tree in place; `other` is the tree of another file. */
type TreeMutation = (items: Item[], random: Random, other: Item[]) => void;

const NUMBERS = [
  0n,
  1n,
  2n,
  3n,
  4n,
  7n,
  8n,
  13n,
  64n,
  1000n,
  -1n,
  -2n,
  2n ** 20n,
  2n ** 31n,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

const OPERATORS: readonly string[] = [...STRUCTURE_RULES.keys()];

const utf8 = new TextEncoder();

const where = (items: Item[], test: (item: Item) => boolean): readonly Spot[] =>
  spotsOf(items).filter(({ item }) => test(item));

/** Does something with one of the fields that fit; nothing where none does. */
const withOne =
  (
    test: (item: Item) => boolean,
    change: (spot: Spot, random: Random, items: Item[], other: Item[]) => void,
  ): TreeMutation =>
  (items, random, other) => {
    const spots = where(items, test);
    if (spots.length > 0) change(pick(random, spots), random, items, other);
  };

const any = () => true;
const clone = (item: Item): Item => structuredClone(item);

const drop = withOne(any, ({ list, item }) => void list.splice(list.indexOf(item), 1));

const duplicate = withOne(
  any,
  ({ list, item }, random) => void list.splice(below(random, list.length + 1), 0, clone(item)),
);

const move = withOne(any, ({ list, item }, random) => {
  list.splice(list.indexOf(item), 1);
  list.splice(below(random, list.length + 1), 0, item);
});

/** A field takes the place of another one of its kind, from this file or the other. */
const transplantField = withOne(any, ({ list, item }, random, items, other) => {
  const donors = where(random() < 0.5 ? items : other, (each) => each.name === item.name);
  if (donors.length > 0) list.splice(list.indexOf(item), 1, clone(pick(random, donors).item));
});

/** A number becomes one that is odd, or one near it. */
const setNumber = withOne(
  ({ kind, wire }) => kind === 'varint' && wire === 0,
  ({ item }, random) => {
    const near = BigInt((item.bytes[0] ?? 0) & 0x7f) + BigInt(below(random, 5) - 2);
    item.bytes = varint(random() < 0.4 ? near : pick(random, NUMBERS));
  },
);

/** Numbers that stand packed in one field, or as raw data: one byte changes. */
const setElement = withOne(
  ({ kind, wire, bytes, children }) => wire === 2 && kind !== 'text' && !children && bytes.length > 0,
  ({ item }, random) => {
    const bytes = item.bytes.slice();
    bytes[below(random, bytes.length)] = pick(random, [0, 1, 2, 0x7f, 0x80, 0xff, below(random, 256)]);
    item.bytes = bytes;
  },
);

/** A text becomes another one of the file, so that names meet that should not. */
const setText = withOne(
  ({ kind }) => kind === 'text',
  ({ item }, random, items) => {
    const texts = where(items, ({ kind }) => kind === 'text').map((spot) => spot.item.bytes);
    const odd = ['', '__proto__', 'constructor', '\u0000', 'x'.repeat(300), '-1', '9007199254740993'].map((text) =>
      utf8.encode(text),
    );
    item.bytes = pick(random, random() < 0.7 ? texts : odd);
  },
);

const setOperator = withOne(
  ({ name }) => name === 'NodeProto.op_type',
  ({ item }, random) => {
    item.bytes = utf8.encode(pick(random, OPERATORS));
  },
);

/** Attributes that decide over shapes, with the field that holds their value. */
const ATTRIBUTES = {
  i: ['axis', 'keepdims', 'group', 'transA', 'transB', 'ceil_mode', 'allowzero', 'blocksize', 'to', 'start', 'end'],
  ints: [
    'axes',
    'perm',
    'kernel_shape',
    'pads',
    'strides',
    'dilations',
    'split',
    'shape',
    'starts',
    'ends',
    'output_shape',
  ],
} as const;

const TYPES = { i: 2, ints: 7 } as const;

/** Reads an item that was just written. */
const itemOf = (bytes: Uint8Array, message: string): Item => {
  const [item] = parseTree(bytes, message) ?? [];
  if (!item) throw new Error(`no ${message}`);
  return item;
};

/** AttributeProto of one of those, with odd or small numbers. */
function oddAttribute(random: Random): Uint8Array {
  const field = random() < 0.5 ? 'i' : 'ints';
  const count = field === 'i' ? 1 : below(random, 5);
  const number = () => (random() < 0.2 ? pick(random, NUMBERS) : BigInt(below(random, 6) - 2));
  const values = Array.from({ length: count }, () => int(field === 'i' ? 3 : 8, number()));
  return attribute(pick(random, ATTRIBUTES[field]), TYPES[field], join(...values));
}

/** Constants, and values that nodes in front of this one make. */
const operandsFor = (node: Item, graph: Item[]): readonly string[] => {
  const before = graph.filter(({ number }, at) => number === 5 || at <= graph.indexOf(node));
  return where(before, ({ name }) => name === 'NodeProto.output' || name === 'TensorProto.name').map(({ item }) =>
    new TextDecoder().decode(item.bytes),
  );
};

/** Another operator comes in behind a node, so that the graph stays whole and neurons must pass through it. */
const insertNode = withOne(
  ({ name, children }) =>
    name === 'GraphProto.node' && children?.some((each) => each.name === 'NodeProto.output') === true,
  ({ list, item }, random) => {
    const output = item.children?.find(({ name }) => name === 'NodeProto.output') as Item;
    const made = new TextDecoder().decode(output.bytes);
    const before = `${made}~${below(random, 1000)}`;
    output.bytes = utf8.encode(before);
    const names = operandsFor(item, list);
    const operands = Array.from({ length: below(random, 3) }, () => pick(random, names));
    const attributes = Array.from({ length: below(random, 3) }, () => block(5, oddAttribute(random)));
    const bytes = block(1, node(pick(random, OPERATORS), [before, ...operands], [made], join(...attributes)));
    list.splice(list.indexOf(item) + 1, 0, itemOf(bytes, 'GraphProto'));
  },
);

const addAttribute = withOne(
  ({ name, children }) => name === 'GraphProto.node' && children !== undefined,
  ({ item }, random) => void item.children?.push(itemOf(block(5, oddAttribute(random)), 'NodeProto')),
);

/** A shape gets an axis more or less, or a list of integers an entry. */
const setList = withOne(
  ({ name }) => /\.(ints|dims|dim|input|output|floats)$/.test(name),
  ({ list, item }, random) => {
    const count = random() < 0.5 ? 0 : 1 + below(random, 3);
    list.splice(list.indexOf(item), 1, ...Array.from({ length: count }, () => clone(item)));
  },
);

export const TREE_MUTATIONS: readonly TreeMutation[] = [
  drop,
  duplicate,
  move,
  transplantField,
  setNumber,
  setNumber,
  setElement,
  setText,
  setOperator,
  insertNode,
  insertNode,
  addAttribute,
  setList,
];
