/** An ensemble in one file: all members side by side, untouched, and the weighted mean of their outputs. */
import { expectSameInterface } from '../analysis/interface.js';
import { inferShapes } from '../analysis/shapes.js';
import { dtypeUnsupported, membersDiffer, quoted, usage } from '../errors.js';
import { memoryBytes } from '../ir/bytes.js';
import { DOUBLE, dtypeName, REAL_TYPES } from '../ir/dtype.js';
import { listInitializers } from '../ir/edit.js';
import { inlineFunctions } from '../ir/inline.js';
import type { Graph, Model, Node, Tensor, Value } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { fedInputs } from '../ir/nodes.js';
import { bytesOf } from '../ir/numeric.js';
import { prefixed } from '../ir/prefix.js';
import { definedNames } from '../ir/walk.js';
import type { Transformed } from './concat.js';
import { normalisedWeights } from './shares.js';

/** How to weigh the members. */
export interface EnsembleOptions {
  readonly weights?: readonly number[];
}

/** One graph that runs all members. Throws USAGE, MEMBERS_DIFFER (inputs, outputs, opsets), DTYPE_UNSUPPORTED, SHAPE_CONFLICT. */
export function ensemble(given: readonly Model[], options: EnsembleOptions): Transformed {
  // One model holds one function of a name: the members' calls are put in as what they do.
  const inlined = new Map([...new Set(given)].map((model) => [model, inlineFunctions(model)]));
  const members = given.map((model) => inlined.get(model) as Model);
  const [first] = members;
  if (!first || members.length < 2)
    throw usage('an ensemble takes two models or more', 'Give the members, one after the other.');
  // The members stay as they are, but a result must not be made of what cannot run.
  const facts = new Map([...new Set(members)].map((model) => [model, inferShapes(model)]));
  const known = (model: Model) => ({ model, facts: facts.get(model) ?? new Map() });
  for (const member of new Set(members)) {
    expectSameInterface(known(first), known(member));
    expectCombinable(first, member);
  }
  const shares = normalisedWeights(options.weights, members.length) ?? members.map(() => 1 / members.length);
  const inputs = fedInputs(first.graph);
  const graphs = members.map((member, i) => {
    const own = fedInputs(member.graph).map((value) => value.name);
    const shared = new Map(own.map((name, k) => [name, inputs[k]?.name as string]));
    return prefixed(member.graph, freePrefix(`member${i}/`, first.graph), shared);
  });
  const fresh = freshNames(new Set([...graphs, first.graph].flatMap((each) => [...definedNames(each)])));
  const means = first.graph.outputs.map((output, k) => {
    const names = graphs.map((graph) => graph.outputs[k]?.name as string);
    if (names.every((name) => name === output.name)) return PASSED_ON;
    if (inputs.some(({ name }) => name === output.name))
      throw membersDiffer(
        `the output ${quoted(output.name)} of ${first.label} is one of its inputs, not so of another`,
      );
    return meanNodes(output, names, shares, fresh);
  });
  const graph: Graph = {
    ...first.graph,
    inputs,
    nodes: [...graphs.flatMap((each) => each.nodes), ...means.flatMap((mean) => mean.nodes)],
    initializers: new Map([
      ...graphs.flatMap((each) => [...each.initializers]),
      ...means.flatMap((mean) => mean.tensors),
    ]),
    valueInfo: graphs.flatMap((each) => each.valueInfo),
  };
  const irVersion = Math.max(...members.map((member) => member.irVersion));
  const opsets = new Map(members.flatMap((member) => [...member.opsets]));
  return { model: listInitializers({ ...first, graph, irVersion, opsets }), notes: [], proofs: [] };
}

/** What one graph can hold of two models. Throws MEMBERS_DIFFER. */
function expectCombinable(first: Model, member: Model): void {
  for (const [domain, version] of member.opsets) {
    const other = first.opsets.get(domain) ?? version;
    if (other === version) continue;
    throw membersDiffer(
      `${first.label} has opset ${other} of ${quoted(domain || 'ai.onnx')}, ${member.label} has ${version}`,
      'Export them with one opset, or fuse them by another method.',
    );
  }
  if (first.functions.length + member.functions.length > 0 && first !== member) {
    throw membersDiffer('members with local functions cannot stand in one graph');
  }
  for (const { label, graph } of [first, member]) {
    if (graph.sparseInitializers.length > 0)
      throw membersDiffer(`${label} has sparse initializers, which keep their names`);
  }
}

/** Nodes of a mean, and the constants that they use. */
interface MeanNodes {
  readonly nodes: readonly Node[];
  readonly tensors: readonly (readonly [string, Tensor])[];
}

/** An output that is an input of all members. */
const PASSED_ON: MeanNodes = { nodes: [], tensors: [] };

/** A prefix that no input or output begins with, as those keep their names. */
function freePrefix(wish: string, { inputs, outputs }: Graph): string {
  let prefix = wish;
  while ([...inputs, ...outputs].some(({ name }) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}

/** Sum of share x output, as Mul and Sum; the plain Mean where the shares are equal and ONNX Runtime has it for that type. */
function meanNodes(
  output: Value,
  names: readonly string[],
  shares: readonly number[],
  fresh: (wish: string) => string,
): MeanNodes {
  const { name, dtype } = output;
  if (dtype === undefined || !REAL_TYPES.has(dtype)) {
    throw dtypeUnsupported(name, dtype === undefined ? 'no tensor' : dtypeName(dtype), 'average the members on it');
  }
  const node = (opType: string, inputs: readonly string[], made: string): Node => ({
    name: `ensemble/${opType}/${made}`,
    opType,
    domain: '',
    inputs,
    outputs: [made],
    attributes: new Map(),
  });
  if (dtype !== DOUBLE && shares.every((share) => share === shares[0])) {
    return { nodes: [node('Mean', names, name)], tensors: [] };
  }
  const scaled = names.map((each, i) => {
    const [share, product] = [fresh(`${each}/share`), fresh(`${each}/scaled`)];
    const data = memoryBytes(bytesOf(Float64Array.of(shares[i] as number), dtype, share));
    return {
      product,
      tensor: [share, { name: share, dtype, dims: [], data }] as const,
      node: node('Mul', [each, share], product),
    };
  });
  const sum = node(
    'Sum',
    scaled.map((each) => each.product),
    name,
  );
  return { nodes: [...scaled.map((each) => each.node), sum], tensors: scaled.map((each) => each.tensor) };
}
