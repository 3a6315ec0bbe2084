/** Why pruning kept what it kept: every group with its axes and scores, and what could not be pruned at all. */
import type { AxisReport, FixedReport, NeuronsReport, UncoveredNode } from '../report/neurons.js';
import { neuronsReport, uncoveredNodes } from '../report/neurons.js';
import type { Pruned } from '../transforms/prune.js';

/** The scores of a group, normalised so that groups can be compared. */
export interface ScoreStatistics {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** The least score that was kept; null where nothing went. */
  readonly threshold: number | null;
}

/** One group and what became of it. */
export interface ExplainedGroup {
  readonly name: string;
  readonly neurons: number;
  readonly kept: number;
  /** Every axis on which its neurons lie: all are cut together. */
  readonly axes: readonly AxisReport[];
  readonly scores: ScoreStatistics;
  /** Other groups that its neurons competed with. */
  readonly competed: readonly string[];
  /** Why none of its neurons went; null where some did. */
  readonly why: string | null;
}

/** All that `--explain` tells. */
export interface Explanation {
  readonly groups: readonly ExplainedGroup[];
  /** Outputs of layers that are no neurons, and why. */
  readonly fixed: readonly FixedReport[];
  readonly mixes: NeuronsReport['mixes'];
  /** Nodes that no rule covers: neurons that touch them stay. */
  readonly uncovered: readonly UncoveredNode[];
}

/** Explains a pruning. */
export function explain(pruned: Pruned): Explanation {
  const { neurons, ranking, pools } = pruned;
  const { groups, fixed, mixes } = neuronsReport(neurons);
  return {
    groups: groups.map(({ name, size, axes }, id) => {
      const { scores, kept } = ranking[id] ?? { scores: new Float64Array(0), kept: [] };
      const pool = pools.find((each) => each.groups.includes(id))?.groups ?? [];
      return {
        name,
        neurons: size,
        kept: kept.length,
        axes,
        scores: statistics(scores, kept),
        competed: pool.filter((each) => each !== id).map((each) => groups[each]?.name ?? ''),
        why: kept.length < size ? null : whyWhole(pruned, id, size),
      };
    }),
    fixed,
    mixes,
    uncovered: uncoveredNodes(neurons),
  };
}

function whyWhole({ ignored, floors }: Pruned, id: number, size: number): string {
  if (ignored.has(id)) return 'a name to ignore means it';
  if (size === 1) return 'one neuron always stays';
  return (floors[id] ?? 0) >= size ? 'the ceiling on what may go leaves all' : 'the ratio leaves all';
}

function statistics(scores: Float64Array, kept: readonly number[]): ScoreStatistics {
  const sorted = [...scores].sort((a, b) => a - b);
  const at = (place: number) => sorted[place] ?? 0;
  const last = sorted.length - 1;
  return {
    min: at(0),
    median: (at(Math.floor(last / 2)) + at(Math.ceil(last / 2))) / 2,
    max: at(last),
    threshold: kept.length < scores.length ? Math.min(...kept.map((place) => scores[place] as number)) : null,
  };
}
