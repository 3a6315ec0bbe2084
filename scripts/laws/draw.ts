/** Draws recipes by chance: which production goes on from where, and with which seed. */
import { seededAt } from '../../lib/ir/random.js';
import { below, pick } from '../fuzz/pick.js';
import { channelOf, type Open } from './axes.js';
import { draftOf, follow, take, usable } from './build.js';
import type { Draft, Setup } from './draft.js';
import { close } from './outputs.js';
import { PRODUCTIONS } from './productions/index.js';
import { INPUTS, type InputKind, type OutputPrint, type Recipe, type Step } from './recipe.js';

/** Most steps that a graph takes in front of its outputs. */
const MAX_STEPS = 6;

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
  const random = seededAt(seed, index);
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
