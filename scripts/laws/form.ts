/** The same network in the form of another exporter: other names, other operators for the same layers, constants kept elsewhere. */
import { constantsOf } from '../../lib/ir/constants.js';
import type { Attribute, Graph, Model, Node, Tensor } from '../../lib/ir/model.js';
import { flagOf, floatOf } from '../../lib/ir/nodes.js';
import { prefixed } from '../../lib/ir/prefix.js';
import { type Random, seeded } from '../../lib/ir/random.js';
import { transposeTensor } from '../../lib/ir/transpose.js';
import { usedNames } from '../../lib/ir/walk.js';

const node = (
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Node['attributes'] = new Map(),
): Node => ({
  name: '',
  opType,
  domain: '',
  inputs,
  outputs: [output],
  attributes,
});

/** Rewrites single nodes; new constants go into `made`. Answers undefined where it has nothing to say. */
type Rewrite = (
  each: Node,
  made: Map<string, Tensor>,
  constants: ReadonlyMap<string, Tensor>,
) => readonly Node[] | undefined;

const output = (each: Node): string => each.outputs[0] ?? '';

/** A Gemm without factors as a MatMul, and an Add of its bias. */
const apart: Rewrite = (each, made, constants) => {
  const [x = '', w = '', c] = each.inputs;
  const weight = constants.get(w);
  const plain = floatOf(each, 'alpha', 1) === 1 && floatOf(each, 'beta', 1) === 1 && !flagOf(each, 'transA');
  if (each.opType !== 'Gemm' || !weight || !plain || constants.has(x)) return undefined;
  const turned = flagOf(each, 'transB');
  const name = `${output(each)}_w`;
  if (turned) made.set(name, transposeTensor(weight, name));
  const product = c ? `${output(each)}_product` : output(each);
  const nodes = [node('MatMul', [x, turned ? name : w], product)];
  return c ? [...nodes, node('Add', [product, c], output(each))] : nodes;
};

/** A Gemm whose weight stands the other way round. */
const turned: Rewrite = (each, made, constants) => {
  const [x = '', w = '', ...rest] = each.inputs;
  const weight = constants.get(w);
  if (each.opType !== 'Gemm' || !weight || weight.dims.length !== 2) return undefined;
  const name = `${output(each)}_w`;
  made.set(name, transposeTensor(weight, name));
  const flag: Attribute = { type: 'int', value: flagOf(each, 'transB') ? 0 : 1 };
  return [{ ...each, inputs: [x, name, ...rest], attributes: new Map([...each.attributes, ['transB', flag]]) }];
};

/** Sums and products with their operands in the other order. */
const swapped: Rewrite = (each) => {
  const [a, b] = each.inputs;
  if ((each.opType !== 'Add' && each.opType !== 'Mul') || a === undefined || b === undefined) return undefined;
  return [{ ...each, inputs: [b, a] }];
};

/** An Identity or a Dropout behind a node, as exporters leave them. */
const followed =
  (op: 'Identity' | 'Dropout'): Rewrite =>
  (each) => {
    if (each.opType === 'Constant' || each.opType === 'Shape' || each.outputs.length !== 1) return undefined;
    // Integers are computed with, and stay as they are.
    if (!['Relu', 'Tanh', 'Add', 'Conv', 'MatMul', 'Gemm', 'Sigmoid'].includes(each.opType)) return undefined;
    const before = `${output(each)}_before`;
    return [{ ...each, outputs: [before] }, node(op, [before], output(each))];
  };

/** A constant in a node of its own instead of an initializer. */
function held(graph: Graph, random: Random): Graph {
  const moved = [...graph.initializers.values()].filter(() => random() < 0.3);
  const gone = new Set(moved.map(({ name }) => name));
  const nodes = moved.map((tensor) =>
    node('Constant', [], tensor.name, new Map([['value', { type: 'tensor', value: tensor } as const]])),
  );
  return {
    ...graph,
    nodes: [...nodes, ...graph.nodes],
    initializers: new Map([...graph.initializers].filter(([name]) => !gone.has(name))),
    inputs: graph.inputs.filter(({ name }) => !gone.has(name)),
  };
}

const REWRITES: readonly Rewrite[] = [apart, turned, swapped, followed('Identity'), followed('Dropout')];

function rewritten(graph: Graph, random: Random): Graph {
  const constants = constantsOf(graph);
  const made = new Map<string, Tensor>();
  const nodes = graph.nodes.flatMap((each): readonly Node[] => {
    if (random() < 0.5) return [each];
    const start = Math.floor(random() * REWRITES.length);
    const order = [...REWRITES.slice(start), ...REWRITES.slice(0, start)];
    for (const rewrite of order) {
      const found = rewrite(each, made, constants);
      if (found) return found;
    }
    return [each];
  });
  const used = new Set([...nodes.flatMap(usedNames), ...graph.outputs.map(({ name }) => name)]);
  const initializers = new Map([...graph.initializers, ...made].filter(([name]) => used.has(name)));
  const listed = graph.inputs.filter(({ name }) => !graph.initializers.has(name) || initializers.has(name));
  return { ...graph, nodes, initializers, inputs: listed };
}

/** The same function in another form, the same for one seed. What exporters note about inner values is left out. */
export function otherForm(model: Model, seed: number): Model {
  const random = seeded(seed);
  const graph = held(rewritten({ ...model.graph, valueInfo: [] }, random), random);
  const renamed = prefixed(graph, 'other/', new Map());
  const irVersion = Math.max(model.irVersion, 4);
  return { ...model, label: `${model.label} in another form`, irVersion, graph: renamed };
}
