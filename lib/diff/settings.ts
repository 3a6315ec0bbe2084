/** What a node is set to, as text: its attributes without defaults, and what later opsets take as constant inputs instead. */
import { dtypeName, REAL_TYPES } from '../ir/dtype.js';
import type { Attribute, Node, Tensor } from '../ir/model.js';
import { tensorIntegers, tensorReals } from '../ir/numeric.js';
import { AS_INPUTS } from './as-inputs.js';
import { isDefault } from './defaults.js';
import { fingerprint } from './fingerprint.js';
import type { Side } from './side.js';

/** Tensors up to so many elements are written out. */
const WRITTEN = 8;

/** A float32 in the fewest digits that mean it. */
const realText = (value: number): string => {
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === Math.fround(value)) return String(text);
  }
  return String(value);
};

/** The elements of a small tensor, else what it is and a hash. */
export function tensorText(tensor: Tensor): string {
  const count = tensor.dims.reduce((product, dim) => product * dim, 1);
  const type = `${dtypeName(tensor.dtype)} [${tensor.dims.join(', ')}]`;
  if (count > WRITTEN || !tensor.data) return `${type} ${fingerprint(tensor).split(':').at(-1)}`;
  if (REAL_TYPES.has(tensor.dtype)) return [...tensorReals(tensor)].map(realText).join(', ');
  return tensorIntegers(tensor)?.join(', ') ?? `${type} ${fingerprint(tensor).split(':').at(-1)}`;
}

/** An attribute as text; graphs are compared elsewhere. */
export function attributeText(attribute: Attribute): string {
  switch (attribute.type) {
    case 'float':
      return realText(attribute.value);
    case 'floats':
      return attribute.value.map(realText).join(', ');
    case 'int':
      return String(attribute.value);
    case 'string':
      return attribute.value;
    case 'ints':
    case 'strings':
      return attribute.value.join(', ');
    case 'tensor':
      return tensorText(attribute.value);
    case 'graph':
      return 'a graph';
    case 'graphs':
      return 'graphs';
    case 'ref':
      return `the call's ${attribute.value}`;
    default:
      return 'of a type that is not compared';
  }
}

/** The settings of a node by name. `opset` is the version of ONNX's own operators. */
export function settingsOf({ constants }: Side, node: Node, opset: number): ReadonlyMap<string, string> {
  const own = node.domain === '';
  const attributes = [...node.attributes]
    .filter(([, { type }]) => type !== 'graph' && type !== 'graphs')
    .map(([name, attribute]) => [name, attributeText(attribute)] as const)
    .filter(([name, value]) => !own || !isDefault(node.opType, name, value, opset));
  const inputs = (own ? (AS_INPUTS.get(node.opType) ?? []) : []).flatMap((name, i) => {
    const tensor = constants.get(node.inputs[i + 1] ?? '');
    return tensor ? [[name, tensorText(tensor)] as const] : [];
  });
  return new Map([...inputs, ...attributes]);
}
