/** A comparison as a page: both graphs in one, what only one of them has marked. */

import type { ValueDiff } from '../diff/header.js';
import type { Aligned } from '../diff/models.js';
import type { NodeDiff, NodeRef } from '../diff/nodes.js';
import { typeText } from '../diff/nodes.js';
import type { Side } from '../diff/side.js';
import type { TensorDiff } from '../diff/tensors.js';
import type { PageData, PageFact, PageNode } from '../page/data.js';
import type { DiffReport } from './diff.js';
import { pageEdges } from './page-edges.js';
import { digits } from './page-histograms.js';
import { type NodeOrigins, nodeOrigins } from './page-neurons.js';
import { nodeTensors } from './page-tensors.js';

type Sides = Aligned['sides'];

/** The lengths of a node's first constant: `16×6×5×5`. */
function detailOf(ref: NodeRef | null, { constants }: Side): string {
  const weight = ref?.inputs.flatMap((name) => constants.get(name) ?? []).find(({ dims }) => dims.length > 0);
  return weight?.dims.join('×') ?? '';
}

function facts(
  names: readonly string[],
  before: Sides[0] | undefined,
  side: Sides[0] | undefined,
): readonly PageFact[] {
  const known = side ?? before;
  return names
    .filter((name) => name !== '' && !known?.side.constants.has(name))
    .map((name) => ({ heading: name, lines: [typeText(known?.facts?.get(name))] }));
}

function pageNode(
  node: NodeDiff,
  tensors: ReadonlyMap<string, TensorDiff>[],
  sides: Sides,
  origins: NodeOrigins,
): PageNode {
  const { before, after, by, notes, settings } = node;
  const [ref, side] = after ? [after, sides[1]] : [before, sides[0]];
  const renamed =
    before && after && before.name !== after.name
      ? [`${before.name || '(no name)'} → ${after.name || '(no name)'}`]
      : [];
  return {
    name: ref?.name || (ref?.outputs[0] ?? ''),
    kind: 'node',
    op: ref?.op ?? '',
    detail: detailOf(ref, side.side),
    change: node.change,
    notes: [
      ...renamed,
      ...notes,
      ...(by ? [`aligned by: ${by}`] : []),
      ...(ref?.module ? [`module ${ref.module}`] : []),
    ],
    attributes: settings,
    inputs: facts(ref?.inputs ?? [], undefined, side),
    outputs: facts(ref?.outputs ?? [], undefined, side),
    tensors: nodeTensors(node, tensors, sides),
    neurons: origins.neurons.get(after?.outputs[0] ?? '') ?? [],
  };
}

function pageValue({ side, change, before, after, notes }: ValueDiff): PageNode {
  const own = after ?? before;
  const renamed = before && after && before.name !== after.name ? [`${before.name} → ${after.name}`] : [];
  const retyped =
    change === 'changed' && before && after && before.type !== after.type ? [`${before.type} → ${after.type}`] : [];
  return {
    name: own?.name ?? '',
    kind: side,
    op: own?.type ?? '',
    detail: '',
    change,
    notes: [...renamed, ...retyped, ...notes],
    attributes: [],
    inputs: [],
    outputs: [],
    tensors: [],
    neurons: [],
  };
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

const named = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

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
    title: `${named(report.before)} → ${named(report.after)}`,
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
