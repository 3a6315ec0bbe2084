/** Table: the laws that hold for every network. What is done to it shows in its function only as far as it must. */
import { isDeepStrictEqual } from 'node:util';
import type { FactorPolicy } from '../../lib/analysis/composites.js';
import { gatherFamily } from '../../lib/analysis/members.js';
import { findRoles } from '../../lib/analysis/roles.js';
import { inferShapes } from '../../lib/analysis/shapes.js';
import { type ErrorCode, membersDiffer, TransplantError } from '../../lib/errors.js';
import { type Dim, isSymbolic, shapeText } from '../../lib/ir/dim.js';
import type { Model } from '../../lib/ir/model.js';
import { allBytes } from '../../lib/ir/numeric.js';
import { seeded, shuffledIndices } from '../../lib/ir/random.js';
import { parseModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { countParameters, weightsOf } from '../../lib/report/contents.js';
import { countMacs } from '../../lib/report/macs.js';
import { assemble } from '../../lib/transforms/assemble.js';
import { average } from '../../lib/transforms/average.js';
import { concat, type Transformed } from '../../lib/transforms/concat.js';
import { ensemble } from '../../lib/transforms/ensemble.js';
import { foldAffine } from '../../lib/transforms/fold.js';
import { prepare } from '../../lib/transforms/prepare.js';
import { type Pruned, prune } from '../../lib/transforms/prune.js';
import type { Selection } from '../../lib/transforms/select.js';
import { type TransplantOptions, transplant } from '../../lib/transforms/transplant.js';
import { wholeModel } from '../../test/support/decode.js';
import { masked, PRUNE } from '../../test/support/oracle.js';
import { meanOf, type Results } from '../../test/support/results.js';
import { type Case, expectClose, expectIdentical, expectSound, isClose, renamed, Violation } from './case.js';
import { BATCH } from './draft.js';
import { otherForm } from './form.js';

/** A law that held, exactly or only as far as the tool itself says: an approximation that is announced need only be valid. */
export type Held = 'held' | 'valid';

export interface Law {
  readonly name: string;
  /** What a sound model may be refused with. */
  readonly refusals: readonly ErrorCode[];
  /** Throws a Violation, or what the tool throws. */
  check(on: Case): Promise<Held>;
}

const FUSION: TransplantOptions = {
  importance: 'random',
  seed: 1,
  allowNonfinite: false,
  strategy: 'joint',
  scope: 'layer',
  transfer: 1,
  exact: false,
};

/** What may be said of a graph whose neurons cannot be selected. */
const UNSELECTABLE: readonly ErrorCode[] = ['NO_NEURONS', 'LAYOUT_UNSUPPORTED'];
const UNFUSABLE: readonly ErrorCode[] = ['LAYOUT_UNSUPPORTED', 'MEMBERS_DIFFER', 'NO_NEURONS', 'OP_UNSUPPORTED'];

/** Neurons that no layer makes and none reads have no weights to be scored by, which l1 and l2 refuse. */
const UNSCORED: ErrorCode = 'USAGE';

/** Pruned to what masking computes; where neurons influence each other, and the tool says so, only to something sound. */
async function prunedIsMasked(on: Case, model: Model, pruned: Pruned, factors: FactorPolicy): Promise<Held> {
  const results = await on.run(pruned.model);
  expectSound('pruned', results, await on.run(model));
  if (pruned.notes.length > 0) return 'valid';
  expectClose('pruned and masked', results, await on.run(masked(model, pruned, factors)));
  return 'held';
}

const isMasking = (factors: FactorPolicy): Law => ({
  name: `prune is masking (${factors})`,
  refusals: UNSELECTABLE,
  check: (on) => {
    const [model] = on.members;
    return prunedIsMasked(on, model, prune(model, { ...PRUNE, factors }), factors);
  },
});

/** A fusion whose matches the graphs alone do not prove is only trusted when running them does, as the commands do. */
async function proved<T extends Transformed>(on: Case, made: T): Promise<T> {
  for (const { member, rebuilt } of made.proofs) {
    const [is, told] = [await on.run(rebuilt), await on.run(member)];
    if (!isClose(renamed(is, told), told)) throw membersDiffer('running the match shows another function');
  }
  return made;
}

/** The mean of the members where the tool promises it, else something sound. */
async function isMean(
  on: Case,
  members: readonly Model[],
  weights: readonly number[],
  fuse: (exact: boolean) => Transformed,
): Promise<Held> {
  const all = await Promise.all(members.map((member) => on.run(member)));
  const names = all[0] as Results;
  try {
    const { model } = await proved(on, fuse(true));
    const mean = meanOf(
      all.map((each) => renamed(each, names)),
      weights,
    );
    expectClose('the mean', await on.run(model), mean);
    return 'held';
  } catch (error) {
    if (!(error instanceof TransplantError) || error.code !== 'NOT_EXACT') throw error;
    expectSound('nearly the mean', await on.run((await proved(on, fuse(false))).model), names);
    return 'valid';
  }
}

const isConcatOf = (name: string, pick: (on: Case) => readonly Model[], weights: readonly number[]): Law => ({
  name,
  refusals: UNFUSABLE,
  check: (on) => {
    const members = pick(on);
    return isMean(on, members, weights, (exact) => concat(members, { exact, weights }));
  },
});

/** Every value that both models have is as wide in one as in the other. */
function expectSameShapes(one: Model, other: Model): void {
  const [ours, theirs] = [inferShapes(one), inferShapes(other)];
  for (const [name, { shape }] of ours) {
    const made = theirs.get(name)?.shape;
    const known = shape?.every((dim) => !isSymbolic(dim)) && made?.every((dim) => !isSymbolic(dim));
    if (shape && made && known && shapeText(shape) !== shapeText(made))
      throw new Violation(`${name} is ${shapeText(made)}, not ${shapeText(shape)}`);
  }
}

/** A fusion to the widths of the first member. */
const transplants = (name: string, pick: (on: Case) => readonly Model[], options: Partial<TransplantOptions>): Law => ({
  name,
  refusals: [...UNFUSABLE, UNSCORED],
  check: async (on) => {
    const members = pick(on);
    const [first] = members as readonly [Model];
    const fused = (await proved(on, transplant(members, { ...FUSION, ...options }))).model;
    expectSound('transplanted', await on.run(fused), await on.run(first));
    expectSameShapes(first, fused);
    return 'held';
  },
});

const isFirstAlone = (scope: TransplantOptions['scope']): Law => ({
  name: `transplant with nothing from the others is the first (${scope})`,
  refusals: UNFUSABLE,
  check: async (on) => {
    const members = on.members.slice(0, 2);
    const fused = transplant(members, { ...FUSION, scope, transfer: 0, weights: [1, 0] }).model;
    expectClose('with nothing from the others', await on.run(fused), await on.run(on.members[0]));
    return 'held';
  },
});

async function roundTrips(on: Case): Promise<Held> {
  for (const [i, bytes] of on.files.entries()) {
    const model = on.members[i] as Model;
    const again = encodeModel(model);
    const same = Buffer.compare(again, bytes) === 0 || isDeepStrictEqual(wholeModel(again), wholeModel(bytes));
    if (!same) throw new Violation('other fields than in the file');
    const parsed = parseModel(again);
    for (const [name, { data }] of model.graph.initializers) {
      const other = parsed.graph.initializers.get(name)?.data;
      const kept = data && other && Buffer.compare(allBytes(data), allBytes(other)) === 0;
      if (!kept) throw new Violation(`other weights than in the file: ${name}`);
    }
  }
  return 'held';
}

/** All values of a graph as outputs. */
function exposed(model: Model): Model {
  const { graph } = model;
  const outputs = graph.nodes
    .flatMap((node) => node.outputs)
    .map((name) => ({ name, dtype: undefined, shape: undefined }));
  return { ...model, graph: { ...graph, outputs: outputs.filter(({ name }) => name !== '') } };
}

/** Sizes and shapes that are told before the model is built are those of the built model. */
async function tellsSizes(on: Case): Promise<Held> {
  const pruned = prune(on.members[0], PRUNE);
  const built = inferShapes(pruned.model);
  for (const [name, { shape }] of pruned.facts) {
    const made = built.get(name)?.shape;
    if (shape && made && shapeText(shape) !== shapeText(made))
      throw new Violation(`${name} is ${shapeText(made)}, not ${shapeText(shape)}`);
  }
  const { model } = pruned.neurons;
  const [told, counted] = [countParameters(model, pruned.facts), weightsOf(pruned.model).parameters];
  if (told !== counted) throw new Violation(`${counted} parameters, not ${told}`);
  const [macs, made] = [countMacs(model.graph, pruned.facts), countMacs(pruned.model.graph, built)];
  if (!isDeepStrictEqual(macs, made)) throw new Violation(`${JSON.stringify(made)} MACs, not ${JSON.stringify(macs)}`);
  return 'held';
}

/** Shapes and known integers are those that ONNX Runtime computes. */
async function infersShapes(on: Case): Promise<Held> {
  const [model] = on.members;
  const facts = inferShapes(model);
  for (const [name, { dims, data }] of await on.run(exposed(model))) {
    const { shape, content } = facts.get(name) ?? {};
    const told = shape?.map((dim) =>
      !isSymbolic(dim)
        ? dim
        : dim.symbols.every((each) => each === 'batch')
          ? dim.coefficient * BATCH ** dim.symbols.length
          : -1,
    );
    if (told && (told.length !== dims.length || told.some((dim, at) => dim >= 0 && dim !== dims[at])))
      throw new Violation(`${name} has the shape [${dims}], not [${told}]`);
    // Integers beyond 2^53 (an open end) are not exact here.
    const isExact = (dim: Dim) => !isSymbolic(dim) && Math.abs(dim) < Number.MAX_SAFE_INTEGER;
    const wrong = content?.some((dim, at) => isExact(dim) && dim !== Number(data[at]));
    if (content && (content.length !== data.length || wrong)) throw new Violation(`${name} holds other integers`);
  }
  return 'held';
}

/** Neurons in any order compute the same. */
async function orderIsFree(on: Case): Promise<Held> {
  const [model] = on.members;
  const prepared = prepare(model);
  const family = gatherFamily(prepared, [prepared]);
  const random = seeded(3);
  const shuffled: Selection = family.template.groups.map((group) =>
    [...shuffledIndices(group.size, random)].map((neuron) => ({ member: 0, neuron })),
  );
  const permuted = assemble(family, findRoles(family.template), shuffled, () => 1);
  const [results, expected] = [await on.run(permuted), await on.run(model)];
  expectSound('in another order', results, expected);
  // Neurons that influence each other may do so by their places, as neighbours do.
  const { mixes, labels } = family.template;
  if (mixes.some(({ at }) => labels(at.value, at.axis)) && !isClose(results, expected)) return 'valid';
  expectClose('in another order', results, expected);
  return 'held';
}

/** A member that another exporter wrote is recognised, and the proof of it holds. */
async function otherFormMatches(on: Case): Promise<Held> {
  const [first, second] = on.members;
  const other = otherForm(second, 5);
  const expected = await on.run(second);
  expectClose('the other form', renamed(await on.run(other), expected), expected);
  const members = [first, other];
  return isMean(on, members, [0.5, 0.5], (exact) => concat(members, { exact, weights: [1, 1] }));
}

export const LAWS: readonly Law[] = [
  { name: 'read after write is equal', refusals: [], check: roundTrips },
  { name: 'inferred shapes are those of ONNX Runtime', refusals: [], check: infersShapes },
  {
    name: 'prune nothing is the identity',
    refusals: ['NO_NEURONS'],
    check: async (on) => {
      const [model] = on.members;
      const same = prune(model, { ...PRUNE, ratio: 0 }).model;
      expectIdentical('pruned by nothing', await on.run(same), await on.run(model));
      return 'held';
    },
  },
  isMasking('outer'),
  isMasking('inner'),
  { name: 'prune tells sizes and shapes before it builds the model', refusals: UNSELECTABLE, check: tellsSizes },
  {
    name: 'prune works on what it made itself',
    refusals: [...UNSELECTABLE, UNSCORED],
    check: (on) => {
      const once = prune(on.members[2], { ...PRUNE, seed: 2, ratio: 0.3 }).model;
      const twice = prune(once, { ...PRUNE, ratio: 0.3, scope: 'global', importance: 'l2' });
      return prunedIsMasked(on, once, twice, 'outer');
    },
  },
  { name: 'the order of neurons means nothing', refusals: [], check: orderIsFree },
  isConcatOf('concat is the mean', ({ members: [a, b] }) => [a, b], [0.25, 0.75]),
  isConcatOf('concat is the mean, with itself', ({ members: [a] }) => [a, a], [0.5, 0.5]),
  isConcatOf('concat is the mean, of other widths', ({ members: [a, b, wide] }) => [a, wide, b], [0.2, 0.5, 0.3]),
  isConcatOf(
    'concat of a concat is the mean',
    ({ members: [a, b, wide] }) => [concat([a, b], { exact: false }).model, wide],
    [0.6, 0.4],
  ),
  {
    name: 'transplant of all is concat',
    refusals: UNFUSABLE,
    check: async (on) => {
      const members = on.members.slice(0, 2);
      const wide = concat(members, { exact: false }).model;
      const all = transplant(members, { ...FUSION, ratio: 0 }).model;
      if (Buffer.compare(encodeModel(wide), encodeModel(all)) !== 0)
        throw new Violation('other bytes than concat gives');
      return 'held';
    },
  },
  isFirstAlone('layer'),
  isFirstAlone('global'),
  transplants('transplant has the widths of its template', ({ members: [a, b] }) => [a, b], { importance: 'l2' }),
  transplants('transplant into other widths', ({ members: [a, b, wide] }) => [a, wide, b], {
    importance: 'l1',
    scope: 'layer',
    strategy: 'iterative',
  }),
  {
    name: 'the average of a model with itself is that model',
    refusals: [],
    check: async (on) => {
      const [model] = on.members;
      expectIdentical('the average', await on.run(average([model, model], {}).model), await on.run(model));
      return 'held';
    },
  },
  {
    name: 'an ensemble is the mean',
    refusals: [],
    check: async (on) => {
      const weights = [1, 2, 5];
      const all = await Promise.all(on.members.map((member) => on.run(member)));
      const shares = weights.map((weight) => weight / 8);
      expectClose('weighted', await on.run(ensemble(on.members, { weights }).model), meanOf(all, shares));
      const two = on.members.slice(0, 2);
      expectClose('plain', await on.run(ensemble(two, {}).model), meanOf(all.slice(0, 2)));
      return 'held';
    },
  },
  {
    name: 'preparing twice is preparing once, and changes nothing',
    refusals: [],
    check: async (on) => {
      const [model] = on.members;
      const once = prepare(model);
      if (prepare(once) !== once) throw new Violation('preparing twice goes on changing');
      expectIdentical('prepared', await on.run(once), await on.run(model));
      return 'held';
    },
  },
  {
    name: 'folding normalisations changes nothing',
    refusals: [],
    check: async (on) => {
      const [model] = on.members;
      expectClose('folded', await on.run(foldAffine(prepare(model))), await on.run(model));
      return 'held';
    },
  },
  { name: 'a member in another form is recognised', refusals: UNFUSABLE, check: otherFormMatches },
];
