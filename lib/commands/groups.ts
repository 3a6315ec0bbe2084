/** Neuron groups as reports show them. */
import type { RankedGroup } from '../transforms/select.js';

/** One neuron group and whose neurons it kept. */
export interface GroupReport {
  readonly name: string;
  /** Candidates over all members, and how many of them were kept. */
  readonly candidates: number;
  readonly kept: number;
  /** Kept neurons by member. */
  readonly fromMember: readonly number[];
}

export const groupReports = (ranking: readonly RankedGroup[]): readonly GroupReport[] =>
  ranking.map(({ name, scores, kept, fromMember }) => ({
    name,
    candidates: scores.length,
    kept: kept.length,
    fromMember,
  }));
