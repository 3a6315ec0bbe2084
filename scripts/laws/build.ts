/** Builds the members of a recipe: the same nodes each time, other weights, and other widths. */
import { symbol } from '../../lib/ir/dim.js';
import type { Graph, Model, Node, Value } from '../../lib/ir/model.js';
import { usedNames } from '../../lib/ir/walk.js';
import { isFixed, type Open, VARIANTS } from './axes.js';
import { BATCH, Draft, FUNCTIONS } from './draft.js';
import { openInput } from './inputs.js';
import { close, isExposable } from './outputs.js';
import type { Production } from './production.js';
import { productionNamed } from './productions/index.js';
import type { OutputPrint, Recipe, Step } from './recipe.js';

/** Whether a production can go on from a value in this graph: its opset, its element type, and what the row itself asks for. */
export const usable = (production: Production, draft: Draft, value: Open): boolean =>
  (production.since ?? 1) <= draft.opset &&
  (!draft.setup.double || production.double === true) &&
  (draft.setup.double || !production.steps) &&
  production.fits(value, draft);

/** Goes one step on: from the latest value mostly, from an earlier one where that is the only fit. */
export function take(draft: Draft, { kind, seed }: Step): void {
  const production = productionNamed(kind);
  if (!production) throw new Error(`no production ${kind}`);
  draft.begin(seed);
  const fitting = draft.open.filter((value) => usable(production, draft, value));
  const latest = fitting.at(-1);
  if (!latest) return;
  const from = draft.chance(0.8) ? latest : draft.oneOf(fitting);
  draft.open.push(...production.grow(draft, from));
}

/** The same for what follows a closing layer, where only the value itself may be taken up. */
export function follow(draft: Draft, value: Open, { kind, seed }: Step): Open {
  const production = productionNamed(kind);
  draft.begin(seed);
  if (!production || !usable(production, draft, value)) return value;
  const made = production.grow(draft, value).at(-1);
  // An output has the same shape at every width.
  return made?.axes.every(({ len }) => isFixed(len)) ? made : value;
}

function openOutput(draft: Draft, { seed, tail }: OutputPrint, first: boolean): Open {
  draft.begin(seed);
  const exposable = draft.open.filter(isExposable);
  const exposed = !first && exposable.length > 0 && draft.chance(0.08);
  const from = first ? (draft.open.at(-1) as Open) : draft.oneOf(exposed ? exposable : draft.open);
  if (exposed) return from;
  return tail.reduce((value, step) => follow(draft, value, step), close(draft, from));
}

/** Runs the steps of a recipe for one member. */
export function draftOf(recipe: Recipe, variant: number, member: number): { draft: Draft; outputs: readonly Open[] } {
  const draft = new Draft(recipe.setup, variant, member);
  for (const { kind, seed } of recipe.inputs) {
    draft.begin(seed);
    draft.open.push(openInput(draft, kind));
  }
  for (const step of recipe.steps) take(draft, step);
  const outputs = recipe.outputs.map((each, i) => openOutput(draft, each, i === 0));
  const once = outputs.filter((value, i) => outputs.findIndex(({ name }) => name === value.name) === i);
  return { draft, outputs: once };
}

/** The nodes that outputs need. */
function alive(nodes: readonly Node[], outputs: readonly Open[]): readonly Node[] {
  const needed = new Set(outputs.map(({ name }) => name));
  const kept: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of usedNames(node)) needed.add(name);
  }
  return kept.reverse();
}

/** A value as exporters declare it. */
const declared = (draft: Draft, { name, axes }: Open): Value => {
  const lengthOf = (index: number): number => draft.at((axes[index] as Open['axes'][number]).len);
  const shape = axes.map(({ role }, at) =>
    role !== 'batch' || !draft.setup.symbolic
      ? lengthOf(at)
      : lengthOf(at) === BATCH
        ? symbol('batch')
        : { coefficient: lengthOf(at) / BATCH, symbols: ['batch'] },
  );
  // A product of a number and a symbol cannot be written down: such an axis has no length in a file.
  const plain = shape.every((dim) => typeof dim === 'number' || dim.coefficient === 1);
  return { name, dtype: draft.real, shape: plain ? shape : undefined };
};

/** A member of the family: `variant` says how wide it is, `member` which weights it has (from 1). */
export function buildMember(recipe: Recipe, variant: number, member: number): Model {
  const { draft, outputs } = draftOf(recipe, variant, member);
  const nodes = recipe.dead ? draft.nodes : alive(draft.nodes, outputs);
  const used = new Set(nodes.flatMap(usedNames));
  const initializers = new Map([...draft.initializers].filter(([name]) => used.has(name)));
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const names = new Set(outputs.map(({ name }) => name));
  const noted = draft.open
    .filter(({ name }) => made.has(name) && !names.has(name))
    .map((each) => declared(draft, each));
  const listed = [...initializers.values()].map(({ name, dtype, dims }): Value => ({ name, dtype, shape: dims }));
  const { setup } = recipe;
  const functions = draft.functions.filter(({ name }) => nodes.some(({ opType }) => opType === name));
  // Functions came with IR 8, long after initializers needed to stand among the inputs.
  const old = setup.listed && functions.length === 0;
  const graph: Graph = {
    name: 'generated',
    nodes,
    inputs: [...draft.inputs, ...(old ? listed : [])],
    outputs: outputs.map((each) =>
      setup.noted ? declared(draft, each) : { ...declared(draft, each), shape: undefined },
    ),
    valueInfo: setup.noted ? noted.filter(({ shape }) => shape !== undefined) : [],
    initializers,
    sparseInitializers: [],
  };
  return {
    label: `member ${member}`,
    irVersion: old ? 3 : setup.opset >= 21 ? 10 : 8,
    opsets: new Map([['', setup.opset], ...(functions.length > 0 ? [[FUNCTIONS, 1] as const] : [])]),
    producer: '',
    graph,
    functions,
    metadata: new Map(),
  };
}

/** Two members of one width, and a wider one. */
export const buildMembers = (recipe: Recipe): readonly [Model, Model, Model] => [
  buildMember(recipe, 0, 1),
  buildMember(recipe, 0, 2),
  buildMember(recipe, VARIANTS - 1, 3),
];
