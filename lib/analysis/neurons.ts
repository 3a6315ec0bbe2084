/**
 * The neurons of a model: equivalence classes of axis positions. States every node's relations, settles composite axes,
 * and gathers the classes that live on the same axes into neuron groups.
 */
import { constantsOf } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
import type { Model, Node, Tensor } from '../ir/model.js';
import { fedInputs, nodeText } from '../ir/nodes.js';
import { elementCount } from '../ir/numeric.js';
import { capturedNames, subgraphsOf } from '../ir/walk.js';
import { REDUCE } from '../rules/families.js';
import type { Composite, Layer, Mixes, Relation, Same, Scale } from '../rules/structure/relation.js';
import { type FactorPolicy, settleComposites } from './composites.js';
import { gatherGroups, type Labels, type Maker, type NeuronGroup, type NodeLayer } from './groups.js';
import { AxisSpace, Classes } from './positions.js';
import { type Stated, stateRelations } from './relations.js';
import { type FactsMap, inferShapes } from './shapes.js';
import type { Moves } from './signatures.js';
import { findViews, type View } from './views.js';

/** The neurons of a model, and what they mean for its layers. */
export interface Neurons {
  readonly model: Model;
  /** By which axes with several free factors were given an owner. */
  readonly policy: FactorPolicy;
  readonly facts: FactsMap;
  /** Values that are a constant seen otherwise. */
  readonly views: ReadonlyMap<string, View>;
  readonly groups: readonly NeuronGroup[];
  /** Layers whose weight is a constant or a view of one (`weight` and its axes are the constant's), in order of execution. A layer that is called twice stands here twice. */
  readonly layers: readonly NodeLayer[];
  readonly scales: readonly Scale[];
  /** Places where neurons influence each other. */
  readonly mixes: readonly Mixes[];
  /** Values in which a product of two activations makes a number of every pair of their neurons, of one member and of another. */
  readonly pairings: readonly Mixes[];
  /** Nodes without a rule: the neurons that touch them are fixed. */
  readonly unsupported: ReadonlyMap<Node, string>;
  /** Which neuron each position of an axis is; undefined where the axis has none. */
  labels(value: string, axis: number): Labels | undefined;
  /** Why an axis (its first position) is fixed; undefined where it is free. */
  fixedWhy(value: string, axis: number): string | undefined;
}

/** Finds the neurons of a model; fusing needs the `outer` policy (the default). Throws SHAPE_CONFLICT, TOO_MANY. */
export function findNeurons(model: Model, policy: FactorPolicy = 'outer'): Neurons {
  const facts = inferShapes(model);
  const constants = constantsOf(model.graph);
  const weights = [...constants.values()].reduce((total, { dims }) => total + elementCount(dims), 0);
  const space = new AxisSpace(model.label, weights);
  for (const [value, { shape }] of facts) if (shape) space.add(value, shape);
  const stated = stateRelations(model, facts);
  for (const { virtual } of stated) for (const [value, length] of virtual) space.add(value, [length]);

  const classes = new Classes(space.total);
  for (const value of fedInputs(model.graph))
    for (const span of space.of(value.name)) classes.fix(span, 'an axis of a graph input');
  for (const value of model.graph.outputs)
    for (const span of space.of(value.name)) classes.fix(span, 'an axis of a graph output');
  for (const { node } of stated) {
    for (const name of subgraphsOf(node).flatMap(capturedNames)) {
      for (const span of space.of(name)) classes.fix(span, `used inside ${nodeText(node)}`);
    }
  }
  for (const { node, relations: own } of stated) {
    for (const relation of own) {
      if (relation.kind === 'same') uniteAxes(space, classes, relation);
      if (relation.kind === 'fixed') fixAxis(space, classes, relation, node);
    }
  }
  const relations = stated.flatMap((each) => each.relations);
  const views = findViews(model);
  const layers = stated.flatMap((each) => constantLayers(each, constants, views));
  // Layers first: a stream is named after what importance counts.
  const makers = [...layers, ...stated.flatMap((each) => lookups(each, constants, views))];
  for (const { weight, out } of makers) {
    const span = space.find({ value: weight, axis: out });
    if (span) classes.markMade(span);
  }
  markSummed(space, classes, stated, constants, views);
  settleComposites(
    space,
    classes,
    relations.filter((each): each is Composite => each.kind === 'composite'),
    policy,
  );

  const { groups, labels } = gatherGroups(
    space,
    classes,
    makers,
    stated.flatMap((each) => movesOf(each, space)),
  );
  return {
    model,
    policy,
    facts,
    views,
    groups,
    layers,
    scales: relations.filter((each): each is Scale => each.kind === 'scale' && constants.has(each.at.value)),
    mixes: [
      ...relations.filter((each): each is Mixes => each.kind === 'mixes'),
      ...stated.flatMap((each) => products(each, constants, views)),
    ],
    pairings: stated
      .flatMap((each) => pairings(each, constants, views))
      .filter(({ at }) => (facts.get(at.value)?.shape ?? []).filter((_, axis) => labels(at.value, axis)).length > 1),
    unsupported: new Map(stated.flatMap(({ node, problem }) => (problem === undefined ? [] : [[node, problem]]))),
    labels,
    fixedWhy: (value, axis) => {
      const span = space.find({ value, axis });
      return span && span.length > 0 ? classes.fixedWhy(span.start) : undefined;
    },
  };
}

/** Fixes an axis, and says by which node. */
function fixAxis(space: AxisSpace, classes: Classes, { at, why }: Extract<Relation, { kind: 'fixed' }>, node: Node) {
  const span = space.find(at);
  if (!span) return;
  const by = nodeText(node);
  classes.fix(span, why.startsWith(by) ? why : `${by}: ${why}`);
}

function uniteAxes(space: AxisSpace, classes: Classes, relation: Extract<Relation, { kind: 'same' }>): void {
  const [a, b] = [space.find(relation.a), space.find(relation.b)];
  if (!a || !b) return;
  // A length that is known only when the model runs may or may not be the other one.
  if (relation.length === undefined && a.length !== b.length) {
    for (const span of [a, b]) classes.fix(span, 'the same as an axis of a length that is not known');
    return;
  }
  const [aStart, bStart] = [relation.aStart ?? 0, relation.bStart ?? 0];
  const length = Math.min(relation.length ?? a.length, a.length - aStart, b.length - bStart);
  for (let p = 0; p < length; p++) classes.unite(a.start + aStart + p, b.start + bStart + p);
}

/** What a node moves between axes that it does not take over as they are, one list for each two axes. */
function movesOf({ relations }: Stated, space: AxisSpace): readonly Moves[] {
  const byAxes = new Map<string, Same[]>();
  for (const relation of relations) {
    if (relation.kind !== 'same') continue;
    const [a, b] = [space.find(relation.a), space.find(relation.b)];
    const whole = !relation.aStart && !relation.bStart && a?.length === b?.length;
    if (!a || !b || (whole && (relation.length ?? a.length) === a.length)) continue;
    const key = `${a.id} ${b.id}`;
    const known = byAxes.get(key) ?? [];
    known.push(relation);
    byAxes.set(key, known);
  }
  return [...byAxes.values()];
}

/** The layers of a node whose weight is a constant or shows one. */
function constantLayers(
  { node, relations }: Stated,
  constants: ReadonlyMap<string, unknown>,
  views: ReadonlyMap<string, View>,
): readonly NodeLayer[] {
  return relations.flatMap((each): readonly NodeLayer[] => {
    if (each.kind !== 'layer') return [];
    if (constants.has(each.weight)) return [{ ...each, node }];
    const view = views.get(each.weight);
    const at = (axis: number) => view?.axes[axis] ?? -1;
    return view ? [{ ...each, node, weight: view.root, out: at(each.out), in: at(each.in) }] : [];
  });
}

/** The constant tables of real numbers in which a node looks up rows. */
function lookups(
  { relations }: Stated,
  constants: ReadonlyMap<string, Tensor>,
  views: ReadonlyMap<string, View>,
): readonly Maker[] {
  return relations.flatMap((each): readonly Maker[] => {
    if (each.kind !== 'lookup') return [];
    const view = views.get(each.table);
    const [weight, out] = view ? [view.root, view.axes[each.out] ?? -1] : [each.table, each.out];
    return REAL_TYPES.has(constants.get(weight)?.dtype ?? 0) ? [{ weight, out }] : [];
  });
}

type Known = ReadonlyMap<string, unknown>;

/**
 * Notes axes over which a reduction runs, but for heads: those along which a product of two activations keeps its parts apart
 * are no parts of a sum, even where attention is averaged over them for people to look at.
 */
function markSummed(
  space: AxisSpace,
  classes: Classes,
  stated: readonly Stated[],
  constants: Known,
  views: Known,
): void {
  const heads = new Set<number>();
  for (const { output } of stated.flatMap((each) => productLayers(each, constants, views))) {
    const kept = space.of(output.value).slice(0, -2);
    for (const { start, length } of kept) for (let i = 0; i < length; i++) heads.add(classes.root(start + i));
  }
  for (const { node, relations } of stated) {
    if (node.domain !== '' || !REDUCE.includes(node.opType)) continue;
    for (const each of relations) {
      const span = each.kind === 'mixes' ? space.find(each.at) : undefined;
      if (span && span.length > 0 && !heads.has(classes.root(span.start))) classes.markSummed(span);
    }
  }
}

/** The layers of a node that multiplies two activations; none for other nodes. */
function productLayers({ relations }: Stated, constants: Known, views: Known): readonly Layer[] {
  const layers = relations.filter((each): each is Layer => each.kind === 'layer');
  return layers.some(({ weight }) => constants.has(weight) || views.has(weight)) ? [] : layers;
}

/** A product of two activations contracts neurons of both: they influence each other. */
const products = (stated: Stated, constants: Known, views: Known): readonly Mixes[] =>
  productLayers(stated, constants, views).map(({ input }) => ({
    kind: 'mixes',
    at: input,
    why: `${nodeText(stated.node)} multiplies two activations`,
  }));

/** What comes of such a product: where two of its axes are neurons, it pairs each with each. */
const pairings = (stated: Stated, constants: Known, views: Known): readonly Mixes[] =>
  productLayers(stated, constants, views).map(({ output }) => ({
    kind: 'mixes',
    at: output,
    why: `${nodeText(stated.node)} pairs the neurons of two activations, those of different members too`,
  }));
