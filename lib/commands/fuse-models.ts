/** Models in memory into one, by each of the methods. */
import { findNeurons } from '../analysis/neurons.js';
import type { Model } from '../ir/model.js';
import { average } from '../transforms/average.js';
import type { Transformed } from '../transforms/concat.js';
import { ensemble } from '../transforms/ensemble.js';
import { alignMembers } from '../transforms/side-by-side.js';
import { type Transplanted, type TransplantOptions, transplantSteps } from '../transforms/transplant.js';
import { type MeasureOptions, readsData } from './activations.js';
import { measureOn } from './measured.js';
import { inBreaths } from './pause.js';
import { prove } from './proof.js';

export const METHODS = ['transplant', 'average', 'ensemble'] as const;
/** How several models become one. */
export type Method = (typeof METHODS)[number];

/** How, defaults filled in. */
export type FusionSettings = Omit<TransplantOptions, 'like' | 'weights' | 'ratio' | 'moments' | 'gradients'> & {
  readonly method: Method;
  readonly weights?: readonly number[];
  readonly ratio?: number;
  readonly ep?: string;
};

/**
 * Fuses models in memory and proves what had to be matched. Throws what the transforms, running and the data set throw, and
 * CANCELLED.
 */
export async function fuseModels(
  members: readonly Model[],
  like: Model | undefined,
  settings: FusionSettings,
  options: MeasureOptions,
): Promise<Omit<Transplanted, 'proofs'>> {
  const template = like ?? (members[0] as Model);
  const proven = async <T extends Transformed>(made: T) => {
    await prove(made.proofs, template, settings.ep);
    return made;
  };
  const { weights } = settings;
  const rest = { like: template, ...(weights ? { weights } : {}) };
  if (settings.method === 'average') return { ...(await proven(average(members, rest))), rankings: [] };
  if (settings.method === 'ensemble') return { ...ensemble(members, rest), rankings: [] };
  const onStep = () => options.onProgress?.({ stage: 'scoring', done: 0, total: 1 });
  const fusion = { ...settings, ...rest } as TransplantOptions;
  if (!readsData(settings.importance)) {
    return proven(await inBreaths(transplantSteps(members, fusion), options.signal, onStep));
  }
  // Data shows what each member's neurons do in the template's graph, where all have the same names.
  const aligned = alignMembers(members, template, settings.exact);
  await prove(aligned.proofs, template, settings.ep);
  const measured = await measureOn(
    settings.importance,
    aligned.members.map((member) => findNeurons(member)),
    options,
  );
  const steps = transplantSteps(aligned.members, { ...fusion, like: aligned.template, ...measured });
  const made = await inBreaths(steps, options.signal, onStep);
  return { ...made, notes: [...new Set([...aligned.notes, ...made.notes])] };
}
