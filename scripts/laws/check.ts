/** All laws on one family of members. */
import { TransplantError } from '../../lib/errors.js';
import { Case, expectSound, type Members } from './case.js';
import { LAWS, type Law } from './laws.js';

/** How a law fared. */
export interface Outcome {
  readonly law: string;
  /** `valid`: an approximation that the tool announced, and that is a sound model. */
  readonly verdict: 'held' | 'valid' | 'refused' | 'violated';
  /** The code of a refusal. */
  readonly code?: string;
  /** What was refused or violated. */
  readonly why?: string;
}

/** That generated members run at all is the law of the generator. */
export const GENERATED = 'generated members are valid';

const GENERATES: Law = {
  name: GENERATED,
  refusals: [],
  check: async (on) => {
    const [first, ...others] = await Promise.all(on.members.map((member) => on.run(member)));
    if (first) for (const each of [first, ...others]) expectSound('a member', each, first);
    return 'held';
  },
};

export const ALL_LAWS: readonly Law[] = [GENERATES, ...LAWS];

async function outcomeOf(law: Law, on: Case): Promise<Outcome> {
  try {
    return { law: law.name, verdict: await law.check(on) };
  } catch (error) {
    const known = error instanceof TransplantError ? error : undefined;
    const why = known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (known && law.refusals.includes(known.code)) return { law: law.name, verdict: 'refused', code: known.code, why };
    return { law: law.name, verdict: 'violated', why: known ? `${known.code} ${why}\n${known.stack}` : why };
  }
}

/** Checks laws, all at once; members that do not run are not put to any law but that they do. */
export async function checkMembers(members: Members, laws: readonly Law[] = ALL_LAWS): Promise<readonly Outcome[]> {
  const on = new Case(members);
  const outcomes = await Promise.all(laws.map((law) => outcomeOf(law, on)));
  const generated = outcomes.find(({ law }) => law === GENERATED);
  return generated && generated.verdict !== 'held' ? [generated] : outcomes;
}
