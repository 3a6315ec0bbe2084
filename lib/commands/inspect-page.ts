/** A model as a page: its graph, what each node is set to and costs, its weights, and whose neurons it holds. */

import { typeText } from '../diff/nodes.js';
import { attributeText } from '../diff/settings.js';
import { opText, type Side, sideOf } from '../diff/side.js';
import { dtypeName } from '../ir/dtype.js';
import type { Model, Node, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { usedNames } from '../ir/walk.js';
import { nodeMetadata } from '../onnx/graph.js';
import type { PageData, PageFact, PageNode, PageTensor } from '../page/data.js';
import type { NodeCost } from '../report/costs.js';
import type { Health } from '../report/health.js';
import { type Analysis, describeModel, type ModelReport } from '../report/inspect.js';
import type { InspectReport } from './inspect.js';
import { graphEdges } from './page-edges.js';
import { histograms, statisticsLines } from './page-histograms.js';
import { type NodeOrigins, nodeOrigins } from './page-neurons.js';
import { detailOf, endNode, valueFacts } from './page-nodes.js';
import { baseName } from './recipe.js';

/** What the nodes of a page are made from. */
interface Parts {
  readonly side: Side;
  readonly analysis: Analysis;
  readonly costs: ReadonlyMap<string, NodeCost>;
  readonly origins: NodeOrigins;
  readonly faults: ReadonlyMap<string, readonly string[]>;
}

const counted = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** What is wrong with each tensor, by its name. */
function faultsOf({ nonfinite, extreme, variances, dead }: Health): ReadonlyMap<string, readonly string[]> {
  const all: readonly (readonly [string, string])[] = [
    ...nonfinite.map(({ tensor, nan, infinite }) => [tensor, `${nan} NaN and ${infinite} infinite`] as const),
    ...extreme.map(({ tensor, huge, denormal }) => [tensor, `${huge} huge and ${denormal} denormal`] as const),
    ...variances.map(({ tensor, positions }) => [tensor, `${positions.length} negative variances`] as const),
    ...dead.map(({ weight, positions, of }) => [weight, `${positions.length} of ${of} neurons dead`] as const),
  ];
  const found = new Map<string, string[]>();
  for (const [name, text] of all) found.set(name, [...(found.get(name) ?? []), text]);
  return found;
}

function tensorsOf(node: Node, { side, faults }: Parts): readonly PageTensor[] {
  return [...new Set(node.inputs)].flatMap((name): readonly PageTensor[] => {
    const tensor = side.constants.get(name);
    if (!tensor) return [];
    return [
      {
        name,
        type: `${dtypeName(tensor.dtype)} [${tensor.dims.join(', ')}]`,
        ...histograms(undefined, tensor),
        lines: [...(faults.get(name) ?? []), ...statisticsLines(tensor)],
      },
    ];
  });
}

function costLines(cost: NodeCost | undefined): readonly string[] {
  if (!cost) return [];
  return [
    ...(cost.macs === null ? [] : [`${counted(cost.macs)} multiply-accumulates`]),
    ...(cost.bytes === null ? [] : [`${counted(cost.bytes)} bytes of outputs`]),
    ...(cost.parameters === 0 ? [] : [`${counted(cost.parameters)} parameters`]),
  ];
}

function pageNode(node: Node, at: number, parts: Parts): PageNode {
  const { side, analysis, costs, origins } = parts;
  const [output = ''] = node.outputs;
  const known = { constants: side.constants, facts: analysis.facts };
  const module = side.modules[at];
  const uncovered = analysis.neurons?.unsupported.get(node);
  return {
    name: node.name || output,
    kind: 'node',
    op: opText(node),
    detail: detailOf(node.inputs, side),
    change: 'same',
    notes: [
      ...(module ? [`module ${module}`] : []),
      ...costLines(costs.get(output)),
      ...(uncovered === undefined ? [] : [`neurons are not followed through it: ${uncovered}`]),
    ],
    attributes: [...node.attributes].map(([name, value]) => ({ name, before: null, after: attributeText(value) })),
    inputs: valueFacts(node.inputs, known),
    outputs: valueFacts(node.outputs, known),
    tensors: tensorsOf(node, parts),
    neurons: origins.neurons.get(output) ?? [],
  };
}

const pageValue = (value: Value, kind: 'input' | 'output', { analysis }: Parts): PageNode =>
  endNode({
    name: value.name,
    kind,
    op: typeText(analysis.facts?.get(value.name) ?? value),
    change: 'same',
    notes: [],
  });

function factsOf(report: InspectReport): readonly PageFact[] {
  const { irVersion, opsets, producer, weights, macs, activations, neuronCount, metadata, notes } = report;
  const versions = opsets.map(({ domain, version }) => `${domain === '' ? 'opset' : domain} ${version}`);
  const cost = [
    ...(macs ? [`${counted(macs.total)} multiply-accumulates`] : []),
    ...(activations ? [`${counted(activations.peak)} bytes of activations at once`] : []),
  ];
  return [
    { heading: 'ONNX', lines: [`IR ${irVersion}, ${versions.join(', ')}`, ...(producer === '' ? [] : [producer])] },
    { heading: 'Weights', lines: [`${counted(weights.parameters)} parameters, ${counted(weights.bytes)} bytes`] },
    ...(cost.length > 0 ? [{ heading: 'Cost', lines: cost }] : []),
    ...(neuronCount
      ? [{ heading: 'Neurons', lines: [`${counted(neuronCount.neurons)} in ${neuronCount.groups} groups`] }]
      : []),
    ...(report.provenance?.fits
      ? [
          {
            heading: 'Neurons of',
            lines: report.provenance.groups.map(
              ({ name, fromMember }) =>
                `${name}: ${fromMember.map((n, member) => `${n} from ${report.provenance?.members[member]}`).join(', ')}`,
            ),
          },
        ]
      : []),
    { heading: 'Health', lines: healthLines(report.health) },
    ...(metadata.length > 0 ? [{ heading: 'Metadata', lines: metadata.map(({ key }) => key) }] : []),
    ...(notes.length > 0 ? [{ heading: 'Notes', lines: notes }] : []),
  ];
}

function healthLines(health: Health): readonly string[] {
  const counts = [
    [health.nonfinite.length, 'tensors with NaN or infinity'],
    [health.extreme.length, 'tensors with huge or denormal numbers'],
    [health.variances.length, 'tensors with negative variances'],
    [health.dead.length, 'weights with dead neurons'],
    [health.unread.length, 'groups with neurons that nothing reads'],
    [health.duplicates.length, 'sets of neurons that are there twice'],
  ] as const;
  const found = counts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return found.length > 0 ? found : ['nothing found'];
}

/** The sentence at the top. */
function verdictOf(
  { nodes, weights }: { readonly nodes: number; readonly weights: ModelReport['weights'] },
  origins: NodeOrigins,
) {
  const from = origins.members.length > 0 ? `, neurons of ${origins.members.join(' and ')}` : '';
  return `${counted(nodes)} nodes, ${counted(weights.parameters)} parameters${from}`;
}

/** The page of a model. Reads all weights once more. */
export function inspectPageData(model: Model, analysis: Analysis, report: InspectReport): PageData {
  const side = sideOf(model.graph, nodeMetadata);
  const nodes = report.nodes ?? describeModel(model, analysis, { neurons: false, nodes: true }).nodes ?? [];
  const costs = new Map(nodes.map((cost) => [cost.outputs[0] ?? '', cost]));
  const origins = nodeOrigins(model);
  const parts: Parts = { side, analysis, costs, origins, faults: faultsOf(report.health) };
  const inputs = fedInputs(model.graph);
  const { outputs } = model.graph;
  return {
    title: baseName(report.path),
    verdict: verdictOf({ nodes: side.nodes.length, weights: report.weights }, origins),
    facts: factsOf(report),
    members: origins.members,
    nodes: [
      ...inputs.map((value) => pageValue(value, 'input', parts)),
      ...side.nodes.map((node, at) => pageNode(node, at, parts)),
      ...outputs.map((value) => pageValue(value, 'output', parts)),
    ],
    edges: graphEdges(
      [
        ...inputs.map(({ name }) => ({ makes: [name], takes: [] })),
        ...side.nodes.map((node) => ({ makes: node.outputs, takes: usedNames(node) })),
        ...outputs.map(({ name }) => ({ makes: [], takes: [name] })),
      ],
      analysis.facts,
    ),
  };
}
