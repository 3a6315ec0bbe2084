/** What a run of the laws counts and reports. */
import type { Outcome } from './check.js';

/** Outcomes of one law by verdict, refusals by their code. */
type Counts = Map<string, number>;

export class Tally {
  graphs = 0;
  private readonly laws = new Map<string, Counts>();
  /** Numbers of graphs with violations that look alike, by the law and the first line of what is wrong. */
  readonly violations = new Map<string, number[]>();

  /** Counts a graph; answers the violations that are the first of their kind. */
  add(index: number, outcomes: readonly Outcome[]): readonly Outcome[] {
    this.graphs += 1;
    for (const { law, verdict, code } of outcomes) {
      const counts = this.laws.get(law) ?? new Map<string, number>();
      const key = code ?? verdict;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      this.laws.set(law, counts);
    }
    return outcomes.filter((outcome) => outcome.verdict === 'violated' && this.note(index, outcome));
  }

  private note(index: number, { law, why = '' }: Outcome): boolean {
    // Names and numbers aside, what two violations of one kind say is the same.
    const [line = ''] = why.split('\n');
    const key = `${law}: ${line.replace(/"[^"]*"|\b[a-z]\d+\b/g, '_').replace(/-?\d[\d.e-]*/g, '#')}`.slice(0, 200);
    const known = this.violations.get(key) ?? [];
    this.violations.set(key, [...known, index]);
    return known.length === 0;
  }

  /** How often a law was answered so. */
  count(law: string, verdict: string): number {
    return this.laws.get(law)?.get(verdict) ?? 0;
  }

  /** All that was counted, as lines. */
  lines(seconds: number): readonly string[] {
    const rate = (this.graphs / Math.max(seconds, 1e-3)).toFixed(1);
    const width = Math.max(0, ...[...this.laws.keys()].map((law) => law.length));
    return [
      `${this.graphs} graphs in ${seconds.toFixed(0)} s (${rate} a second)`,
      ...[...this.laws].map(([law, counts]) => `  ${law.padEnd(width)}  ${countsText(counts)}`),
      `${this.violations.size} kinds of violations`,
      ...[...this.violations].map(([key, graphs]) => `  ${graphs.length} times, graphs ${graphs.slice(0, 5)}: ${key}`),
    ];
  }
}

const ORDER = ['held', 'valid', 'violated'];

const countsText = (counts: Counts): string =>
  [...counts]
    .sort(([a], [b]) => ((ORDER.indexOf(a) + 4) % 4) - ((ORDER.indexOf(b) + 4) % 4) || (a < b ? -1 : 1))
    .map(([key, count]) => `${key} ${count}`)
    .join(', ');
