/** A comparison as a page: both graphs in one, what only one of them has marked. */

import type { ValueDiff } from '../diff/header.js';
import type { Aligned } from '../diff/models.js';
import type { NodeDiff } from '../diff/nodes.js';
import type { TensorDiff } from '../diff/tensors.js';
import type { PageData, PageFact, PageNode } from '../page/data.js';
import type { DiffReport } from './diff.js';
import { pageEdges } from './page-edges.js';
import { digits } from './page-histograms.js';
import { type NodeOrigins, nodeOrigins } from './page-neurons.js';
import { detailOf, endNode, valueFacts } from './page-nodes.js';
import { nodeTensors } from './page-tensors.js';
import { baseName } from './recipe.js';

type Sides = Aligned['sides'];

function pageNode(
  node: NodeDiff,
  tensors: ReadonlyMap<string, TensorDiff>[],
  sides: Sides,
  origins: NodeOrigins,
): PageNode {
  const { before, after, by, notes, settings } = node;
  const [ref, { side, facts }] = after ? [after, sides[1]] : [before, sides[0]];
  const known = { constants: side.constants, facts };
  const renamed =
    before && after && before.name !== after.name
      ? [`${before.name || '(no name)'} → ${after.name || '(no name)'}`]
      : [];
  return {
    name: ref?.name || (ref?.outputs[0] ?? ''),
    kind: 'node',
    op: ref?.op ?? '',
    detail: detailOf(ref?.inputs ?? [], side),
    change: node.change,
    notes: [
      ...renamed,
      ...notes,
      ...(by ? [`aligned by: ${by}`] : []),
      ...(ref?.module ? [`module ${ref.module}`] : []),
    ],
    attributes: settings,
    inputs: valueFacts(ref?.inputs ?? [], known),
    outputs: valueFacts(ref?.outputs ?? [], known),
    tensors: nodeTensors(node, tensors, sides),
    neurons: origins.neurons.get(after?.outputs[0] ?? '') ?? [],
  };
}

function pageValue({ side, change, before, after, notes }: ValueDiff): PageNode {
  const own = after ?? before;
  const renamed = before && after && before.name !== after.name ? [`${before.name} → ${after.name}`] : [];
  const retyped =
    change === 'changed' && before && after && before.type !== after.type ? [`${before.type} → ${after.type}`] : [];
  const said = [...renamed, ...retyped, ...notes];
  return endNode({ name: own?.name ?? '', kind: side, op: own?.type ?? '', change, notes: said });
}

/** Nodes in the order of the second model, the removed ones behind those that they stood behind. */
function inOrder(nodes: readonly NodeDiff[]): readonly NodeDiff[] {
  const kept = nodes.filter(({ after }) => after).sort((x, y) => (x.after?.at ?? 0) - (y.after?.at ?? 0));
  const behind = new Map<NodeDiff | undefined, NodeDiff[]>();
  let last: NodeDiff | undefined;
  for (const node of [...nodes]
    .filter(({ before }) => before)
    .sort((x, y) => (x.before?.at ?? 0) - (y.before?.at ?? 0))) {
    if (node.after) last = node;
    else behind.set(last, [...(behind.get(last) ?? []), node]);
  }
  return [...(behind.get(undefined) ?? []), ...kept.flatMap((node) => [node, ...(behind.get(node) ?? [])])];
}

/** Longest value of a header that a page shows: a recipe is longer. */
const LONGEST = 60;

const cut = (text: string | null): string =>
  text === null ? 'none' : text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;

function factsOf({ header, outputs, permutation, notes }: DiffReport): readonly PageFact[] {
  return [
    ...(header.length > 0
      ? [
          {
            heading: 'Files',
            lines: header.map(({ what, before, after }) => `${what}: ${cut(before)} → ${cut(after)}`),
          },
        ]
      : []),
    ...(outputs
      ? [
          {
            heading: 'Outputs',
            lines: outputs.outputs.map(({ name, maxAbs, within, finite }) =>
              within && finite === 0
                ? `${name}: no finite element to compare`
                : `${name}: ${within ? 'agrees' : 'differs'}, off by at most ${digits(maxAbs)}`,
            ),
          },
        ]
      : []),
    ...(permutation
      ? [
          {
            heading: 'Order of neurons',
            lines: permutation.groups.map(
              ({ name, neurons, moved }) => `${name}: ${moved} of ${neurons} in another place`,
            ),
          },
        ]
      : []),
    ...(notes.length > 0 ? [{ heading: 'Notes', lines: notes }] : []),
  ];
}

/** The page of a comparison. Reads all weights once more. */
export function diffPageData(report: DiffReport, aligned: Aligned): PageData {
  const nodes = inOrder(report.nodes);
  const origins = nodeOrigins(aligned.models[1]);
  const byName = ([0, 1] as const).map(
    (side) =>
      new Map(
        report.tensors.flatMap((tensor) => {
          const ref = side === 0 ? tensor.before : tensor.after;
          return ref ? [[ref.name, tensor] as const] : [];
        }),
      ),
  );
  const values = (side: ValueDiff['side']) => report.values.filter((value) => value.side === side).map(pageValue);
  return {
    title: `${baseName(report.before)} → ${baseName(report.after)}`,
    verdict: report.sentence.charAt(0).toUpperCase() + report.sentence.slice(1),
    facts: factsOf(report),
    members: origins.members,
    nodes: [
      ...values('input'),
      ...nodes.map((node) => pageNode(node, byName, aligned.sides, origins)),
      ...values('output'),
    ],
    edges: pageEdges(report.values, nodes, aligned.sides),
  };
}
