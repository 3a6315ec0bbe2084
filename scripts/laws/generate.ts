/** Draws recipes, and builds the members of a recipe: the same nodes each time, other weights, and other widths. */
import { symbol } from '../../lib/ir/dim.js';
import type { Graph, Model, Node, Value } from '../../lib/ir/model.js';
import { seeded } from '../../lib/ir/random.js';
import { usedNames } from '../../lib/ir/walk.js';
import { below, pick } from '../fuzz/pick.js';
import { channelOf, isFixed, type Open, VARIANTS } from './axes.js';
import { BATCH, Draft, type Setup } from './draft.js';
import { openInput } from './inputs.js';
import { close, isExposable } from './outputs.js';
import type { Production } from './production.js';
import { PRODUCTIONS, productionNamed } from './productions/index.js';
import { INPUTS, type InputKind, type OutputPrint, type Recipe, type Step } from './recipe.js';

/** Most steps that a graph takes in front of its outputs. */
const MAX_STEPS = 6;

const usable = (production: Production, draft: Draft, value: Open): boolean =>
  (production.since ?? 1) <= draft.opset &&
  (!draft.setup.double || production.double === true) &&
  (draft.setup.double || !production.steps) &&
  production.fits(value, draft);

/** Goes one step on: from the latest value mostly, from an earlier one where that is the only fit. */
function take(draft: Draft, { kind, seed }: Step): void {
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
function follow(draft: Draft, value: Open, { kind, seed }: Step): Open {
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
function draftOf(recipe: Recipe, variant: number, member: number): { draft: Draft; outputs: readonly Open[] } {
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
  const graph: Graph = {
    name: 'generated',
    nodes,
    inputs: [...draft.inputs, ...(setup.listed ? listed : [])],
    outputs: outputs.map((each) =>
      setup.noted ? declared(draft, each) : { ...declared(draft, each), shape: undefined },
    ),
    valueInfo: setup.noted ? noted.filter(({ shape }) => shape !== undefined) : [],
    initializers,
    sparseInitializers: [],
  };
  return {
    label: `member ${member}`,
    irVersion: setup.listed ? 3 : setup.opset >= 21 ? 10 : 8,
    opsets: new Map([['', setup.opset]]),
    producer: '',
    graph,
    functions: [],
    metadata: new Map(),
  };
}

/** Two members of one width, and a wider one. */
export const buildMembers = (recipe: Recipe): readonly [Model, Model, Model] => [
  buildMember(recipe, 0, 1),
  buildMember(recipe, 0, 2),
  buildMember(recipe, VARIANTS - 1, 3),
];

const INPUT_WEIGHTS: ReadonlyMap<InputKind, number> = new Map([
  ['vector', 3],
  ['sequence', 4],
  ['line', 1.5],
  ['image', 7],
  ['volume', 0.7],
  ['last', 0.7],
  ['tokens', 0.7],
]);

function weighted<T>(random: () => number, items: readonly T[], weightOf: (item: T) => number): T {
  const at = random() * items.reduce((sum, item) => sum + weightOf(item), 0);
  let passed = 0;
  for (const item of items) {
    passed += weightOf(item);
    if (at < passed) return item;
  }
  return pick(random, items);
}

function drawSetup(random: () => number): Setup {
  const chance = (probability: number) => random() < probability;
  return {
    opset: 13 + below(random, 9),
    double: chance(0.2),
    symbolic: chance(0.6),
    plain: chance(0.4),
    noted: chance(0.3),
    listed: chance(0.05),
    cut: 2 + below(random, 2),
    widest: 8,
  };
}

/** A first layer makes neurons of the inputs; now and then something else comes before it. */
const STARTS: readonly string[] = ['linear', 'conv', 'pointwise', 'transposed conv', 'branches'];

/** The recipe number `index` of a seed, the same on every machine. */
export function drawRecipe(seed: number, index: number): Recipe {
  const random = seeded(seed * 2 ** 32 + index);
  const fresh = () => Math.floor(random() * 2 ** 32);
  const setup = drawSetup(random);
  const kinds: readonly InputKind[] = setup.double ? ['vector', 'sequence', 'tokens'] : INPUTS;
  const first = { kind: weighted(random, kinds, (kind) => INPUT_WEIGHTS.get(kind) ?? 0), seed: fresh() };
  const second = random() < 0.2 ? [{ kind: first.kind, seed: random() < 0.6 ? first.seed : fresh() }] : [];
  const inputs = [first, ...second];
  const begun: Recipe = { setup, inputs, steps: [], outputs: [], dead: random() < 0.1 };
  const { draft } = draftOf(begun, 0, 1);
  const steps: Step[] = [];
  for (let left = 1 + below(random, MAX_STEPS); left > 0; left--) {
    const latest = draft.open.at(-1) as Open;
    const fresher = channelOf(latest).role !== 'neurons' && random() < 0.8;
    const fitting = PRODUCTIONS.filter(
      (each) => usable(each, draft, latest) && (!fresher || STARTS.includes(each.name)),
    );
    if (fitting.length === 0) continue;
    const step = { kind: weighted(random, fitting, ({ weight }) => weight ?? 1).name, seed: fresh() };
    take(draft, step);
    steps.push(step);
  }
  const outputs = Array.from({ length: random() < 0.75 ? 1 : 2 }, (): OutputPrint => drawOutput(random, draft, fresh));
  return { ...begun, steps, outputs };
}

function drawOutput(random: () => number, draft: Draft, fresh: () => number): OutputPrint {
  const seed = fresh();
  draft.begin(seed);
  let value = close(draft, draft.open.at(-1) as Open);
  const tail: Step[] = [];
  const affine = random() < 0.94;
  for (let left = pick(random, [0, 0, 0, 1, 1, 2, 3]); left > 0; left--) {
    const fitting = PRODUCTIONS.filter((each) => usable(each, draft, value) && (!affine || each.affine));
    const step = { kind: weighted(random, fitting, ({ weight }) => weight ?? 1).name, seed: fresh() };
    value = follow(draft, value, step);
    tail.push(step);
  }
  return { seed, tail };
}
