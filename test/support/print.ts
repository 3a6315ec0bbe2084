/** Graphs back to the text that `build` reads, so that what a transform made stands in the expectation. */
import type { Attribute, Model, Node } from '../../lib/ir/model.js';
import { tensorIntegers } from '../../lib/ir/numeric.js';

function attributeText(attribute: Attribute): string {
  switch (attribute.type) {
    case 'ints':
    case 'floats':
      return `[${attribute.value.join(', ')}]`;
    case 'string':
      return `'${attribute.value}'`;
    case 'int':
    case 'float':
      return String(attribute.value);
    default:
      return `@${attribute.type}`;
  }
}

/** `y = Reshape(x, [-1, 8])`: integer operands of a model stand as their numbers. */
export function nodeSource(model: Model, node: Node): string {
  const operand = (name: string) => {
    const tensor = model.graph.initializers.get(name);
    const integers = tensor && tensor.dims.length < 2 ? tensorIntegers(tensor) : undefined;
    return integers ? `[${integers.join(', ')}]` : name;
  };
  const attributes = [...node.attributes].map(([name, each]) => `${name}: ${attributeText(each)}`);
  const op = node.domain === '' ? node.opType : `${node.domain}::${node.opType}`;
  const call = `${node.outputs.join(', ')} = ${op}(${node.inputs.map(operand).join(', ')})`;
  return attributes.length === 0 ? call : `${call} {${attributes.join(', ')}}`;
}

/** All nodes of a model, a line each. */
export const source = (model: Model): readonly string[] => model.graph.nodes.map((node) => nodeSource(model, node));

/** The nodes of one operator, a line each. */
export const sourceOf = (model: Model, opType: string): readonly string[] =>
  model.graph.nodes.filter((node) => node.opType === opType).map((node) => nodeSource(model, node));
