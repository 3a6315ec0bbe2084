/** How redundant members are: every two of them compared, whatever the order of their neurons. */
import { gatherFamily } from '../analysis/members.js';
import { findNeurons, type Neurons } from '../analysis/neurons.js';
import { type Similarity, similaritySteps } from '../analysis/similarity.js';
import { noNeurons, usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import { foldAffine } from '../transforms/fold.js';
import { prepare } from '../transforms/prepare.js';
import { whyNone } from '../transforms/why-none.js';
import { loadFamily } from './load.js';
import type { RunOptions } from './options.js';
import { inBreaths } from './pause.js';

/** Two members, by their places in the list, and how alike they are. */
export interface PairSimilarity extends Similarity {
  readonly first: number;
  readonly second: number;
  /** What it means for a fusion, in a sentence. */
  readonly advice: string;
}

/** How alike members are. */
export interface MemberSimilarity {
  /** Paths. */
  readonly members: readonly string[];
  /** Every two of them. */
  readonly pairs: readonly PairSimilarity[];
  readonly notes: readonly string[];
}

/** From here on there is nothing in one network that the other has not. */
const SAME = 0.99;

/** From here on most neurons have a near counterpart. */
const RELATED = 0.8;

function adviceOf(overall: number): string {
  if (overall >= SAME) return 'nearly the same network up to the order of neurons: fusing them brings nothing';
  if (overall >= RELATED) return 'close relatives: most neurons of one have a near counterpart in the other';
  return 'neurons of their own: each may bring what the other has not';
}

/** For each weight its name before normalisations were folded into it; folding keeps the layers and their order. */
function namesBefore(model: Model, folded: Neurons): ReadonlyMap<string, string> {
  const { layers } = findNeurons(model);
  return new Map(folded.layers.map(({ weight }, i) => [weight, layers[i]?.weight ?? weight]));
}

/** The weights by their names in the file. */
const inNames = (similarity: Similarity, names: ReadonlyMap<string, string>): Similarity => ({
  ...similarity,
  groups: similarity.groups.map((group) => ({ ...group, name: names.get(group.name) ?? group.name })),
  outputs: similarity.outputs.map((output) => ({ ...output, weight: names.get(output.weight) ?? output.weight })),
});

/** Normalisations in their layers, so that what they scale counts. */
const plain = (model: Model): Model => foldAffine(prepare(model));

/**
 * Compares every two of the models at these paths by the weights of their layers, normalisations folded in; biases do not count.
 * Throws USAGE for fewer than two, MEMBERS_DIFFER for other architectures, NO_NEURONS, what reading throws, and CANCELLED.
 */
export async function compareMembers(paths: readonly string[], options: RunOptions): Promise<MemberSimilarity> {
  if (paths.length < 2) throw usage('--member-similarity compares models', 'Give one model or more behind it.');
  options.onProgress?.({ stage: 'reading', done: 0, total: paths.length });
  const { members, notes } = await loadFamily(paths, undefined, true);
  const own = new Map(members.map((model) => [model, plain(model)]));
  const forms = members.map((model) => own.get(model) as Model);
  const family = gatherFamily(forms[0] as Model, forms);
  if (family.template.groups.length === 0) throw noNeurons(members[0]?.label ?? '', whyNone(family.template));
  const names = namesBefore(prepare(members[0] as Model), family.template);
  const pairs: PairSimilarity[] = [];
  const total = (paths.length * (paths.length - 1)) / 2;
  const tell = () => options.onProgress?.({ stage: 'comparing members', done: pairs.length, total });
  for (const first of paths.keys()) {
    for (let second = first + 1; second < paths.length; second++) {
      tell();
      const similarity = await inBreaths(similaritySteps(family, first, second), options.signal, tell);
      pairs.push({ first, second, ...inNames(similarity, names), advice: adviceOf(similarity.overall) });
    }
  }
  return { members: paths, pairs, notes };
}
