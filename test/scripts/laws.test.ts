/** The machine that draws graphs and shrinks them; the laws themselves are in test/property. */
import { describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { buildMember, buildMembers } from '../../scripts/laws/build.js';
import { Case } from '../../scripts/laws/case.js';
import { checkMembers, type Outcome } from '../../scripts/laws/check.js';
import type { Setup } from '../../scripts/laws/draft.js';
import { drawRecipe } from '../../scripts/laws/draw.js';
import { otherForm } from '../../scripts/laws/form.js';
import { PRODUCTIONS } from '../../scripts/laws/productions/index.js';
import { INPUTS, type InputKind, type Recipe } from '../../scripts/laws/recipe.js';
import { shrink } from '../../scripts/laws/shrink.js';
import { Tally } from '../../scripts/laws/tally.js';

const hex = (model: Model): string => Buffer.from(encodeModel(model)).toString('hex');

describe('graphs', () => {
  test('are the same for one seed and number, and others for others', () => {
    const first = (seed: number, index: number) => hex(buildMembers(drawRecipe(seed, index))[0]);
    expect(first(1, 5)).toBe(first(1, 5));
    expect(new Set([first(1, 5), first(1, 6), first(2, 5)]).size).toBe(3);
  });

  test('have members of one architecture: other weights, and widths', () => {
    const ops = (model: Model) => model.graph.nodes.map(({ opType }) => opType);
    for (let index = 0; index < 50; index++) {
      const [a, b, wide] = buildMembers(drawRecipe(3, index));
      expect([ops(b), ops(wide)]).toEqual([ops(a), ops(a)]);
      expect(hex(a)).not.toBe(hex(b));
    }
  });
});

const SETUP: Setup = {
  opset: 21,
  double: false,
  symbolic: true,
  plain: true,
  noted: false,
  listed: false,
  cut: 2,
  widest: 8,
};

/** A first layer, a second value beside it, and a production from there; undefined where it does not fit. */
function recipeFor(kind: InputKind, production: string, seed: number): Recipe | undefined {
  const double = PRODUCTIONS.find(({ name }) => name === production)?.steps ?? false;
  const start = ['image', 'line', 'volume'].includes(kind) ? 'conv' : 'linear';
  const recipe: Recipe = {
    setup: { ...SETUP, double },
    inputs: [{ kind, seed }],
    steps: [
      { kind: start, seed },
      { kind: 'unary', seed },
    ],
    outputs: [{ seed, tail: [] }],
    dead: false,
  };
  const grown = { ...recipe, steps: [...recipe.steps, { kind: production, seed: seed + 1 }] };
  const nodes = (each: Recipe) => buildMember(each, 0, 1).graph.nodes.length;
  return nodes(grown) === nodes(recipe) ? undefined : grown;
}

describe('every production gives graphs that run', () => {
  test.each(PRODUCTIONS.map(({ name }) => name))('%s', async (name) => {
    const kinds = PRODUCTIONS.find((each) => each.name === name)?.steps ? (['vector', 'sequence'] as const) : INPUTS;
    const recipes = kinds.flatMap((kind) => [1, 2, 3].flatMap((seed) => recipeFor(kind, name, seed) ?? []));
    expect(recipes.length).toBeGreaterThan(0);
    for (const recipe of recipes) {
      const on = new Case(buildMembers(recipe));
      const [first, ...others] = await Promise.all(on.members.map((member) => on.run(member)));
      const shapes = (results: typeof first) => [...(results ?? [])].map(([, { dims }]) => dims);
      for (const each of others) expect(shapes(each)).toEqual(shapes(first));
    }
  });
});

test('another form computes the same, and is another graph', async () => {
  for (let index = 0; index < 20; index++) {
    const members = buildMembers(drawRecipe(4, index));
    const on = new Case(members);
    const [one, other] = await Promise.all([on.run(members[0]), on.run(otherForm(members[0], index))]);
    const values = (results: typeof one) => [...results.values()].flatMap(({ data }) => [...data].map(Number));
    values(other).forEach((value, i) => {
      expect(value).toBeCloseTo(values(one)[i] as number, 3);
    });
  }
});

describe('shrinking', () => {
  const violated: Outcome = { law: 'any', verdict: 'violated' };

  test('leaves what the violation needs, and nothing else', async () => {
    const recipe = drawRecipe(1, 0);
    const [needed] = recipe.steps.slice(-1);
    const { recipe: small } = await shrink(recipe, violated, async ({ steps }) =>
      steps.some(({ seed }) => seed === needed?.seed) ? violated : undefined,
    );
    expect(small.steps).toEqual([needed]);
    expect([small.inputs.length, small.outputs.map(({ tail }) => tail)]).toEqual([1, [[]]]);
    expect(small.setup).toMatchObject({ plain: true, noted: false, symbolic: false, widest: 2 });
  });

  test('what cannot be made smaller stays', async () => {
    const recipe = drawRecipe(1, 0);
    expect((await shrink(recipe, violated, async () => undefined)).recipe).toBe(recipe);
  });
});

describe('members that are no family', () => {
  test('are a fault of the generator, whatever the laws say', async () => {
    const [a, b] = buildMembers(drawRecipe(1, 0));
    const [other] = buildMembers(drawRecipe(1, 1));
    const outcomes = await checkMembers([a, b, other]);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['violated']);
  });
});

describe('the tally', () => {
  const outcome = (why: string): Outcome => ({ law: 'some law', verdict: 'violated', why });

  test('takes violations that differ in names and numbers alone for one', () => {
    const tally = new Tally();
    const kept = ['"v1" is off by 0.5', '"v22" is off by 0.75', 'another'].map(
      (why, index) => tally.add(index, [outcome(why)]).length,
    );
    expect(kept).toEqual([1, 0, 1]);
    expect([...tally.violations.values()]).toEqual([[0, 1], [2]]);
    expect(tally.count('some law', 'violated')).toBe(3);
  });

  test('counts refusals by their code', () => {
    const tally = new Tally();
    tally.add(0, [{ law: 'some law', verdict: 'refused', code: 'NO_NEURONS' }]);
    tally.add(1, [{ law: 'some law', verdict: 'held' }]);
    expect(tally.lines(1).join('\n')).toContain('some law  held 1, NO_NEURONS 1');
  });
});
