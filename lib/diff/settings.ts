/** What a node is set to, as text: its attributes without defaults, and what later opsets take as constant inputs instead. */
import { DOUBLE, dtypeName, REAL_TYPES } from '../ir/dtype.js';
import type { Attribute, Node, Tensor } from '../ir/model.js';
import { tensorIntegers, tensorReals } from '../ir/numeric.js';
import { AS_INPUTS } from '../rules/as-inputs.js';
import { isDefault } from '../rules/defaults.js';
import { contentHash } from './fingerprint.js';
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

function numbersText(tensor: Tensor): string | undefined {
  if (!REAL_TYPES.has(tensor.dtype)) return tensorIntegers(tensor)?.join(', ');
  const values = [...tensorReals(tensor)];
  return values.map((value) => (tensor.dtype === DOUBLE ? String(value) : realText(value))).join(', ');
}

const typeText = ({ dtype, dims }: Tensor): string => `${dtypeName(dtype)} [${dims.join(', ')}]`;

/** The elements of a small tensor, else what it is and a hash of them in their order. */
export function tensorText(tensor: Tensor): string {
  const count = tensor.dims.reduce((product, dim) => product * dim, 1);
  const numbers = count > WRITTEN || !tensor.data ? undefined : numbersText(tensor);
  return numbers ?? `${typeText(tensor)} ${contentHash(tensor)}`;
}

/** A tensor that is an attribute: its type and shape count too. */
function tensorAttributeText(tensor: Tensor): string {
  const text = tensorText(tensor);
  return text.startsWith(typeText(tensor)) ? text : `${typeText(tensor)} ${text}`;
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
      return attribute.value.join(', ');
    case 'strings':
      return attribute.value.map((text) => JSON.stringify(text)).join(', ');
    case 'tensor':
      return tensorAttributeText(attribute.value);
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
