/** What a run of the fuzzer counts and reports. */
import type { Outcome } from './attempt.js';
import type { Case } from './batch.js';

/** Findings that look alike: the same error at the same place. */
export interface Finding {
  readonly outcome: Outcome;
  /** The first mutants that showed it. */
  readonly cases: readonly number[];
  readonly count: number;
}

/** Mutants of one kind of finding that are kept. */
const KEPT = 3;

/** The error, the stage, and the first place of ours in the stack: what two like findings share. */
function signature({ stage, code, finding = '' }: Outcome): string {
  const place = /\/lib\/([\w./-]+:\d+)/.exec(finding)?.[1] ?? '';
  return place === '' ? `${code} in ${stage}` : `${code} at ${place}`;
}

export class Tally {
  cases = 0;
  slowest = 0;
  slowestCase = 0;
  readonly codes = new Map<string, number>();
  readonly findings = new Map<string, Finding>();

  /** Counts a case; answers the findings that are worth keeping a mutant for. */
  add({ index, outcomes, seconds }: Case): readonly Outcome[] {
    this.cases += 1;
    if (seconds > this.slowest) [this.slowest, this.slowestCase] = [seconds, index];
    // A mutant counts under the first thing that was refused; `ok` if nothing was.
    const first = outcomes.find(({ code }) => code !== 'ok')?.code ?? 'ok';
    this.codes.set(first, (this.codes.get(first) ?? 0) + 1);
    return outcomes.filter((outcome) => outcome.finding !== undefined && this.note(index, outcome));
  }

  private note(index: number, outcome: Outcome): boolean {
    const key = signature(outcome);
    const known = this.findings.get(key) ?? { outcome, cases: [], count: 0 };
    const keep = known.cases.length < KEPT && !known.cases.includes(index);
    this.findings.set(key, { ...known, cases: keep ? [...known.cases, index] : known.cases, count: known.count + 1 });
    return keep;
  }

  /** All that was counted, as lines. */
  lines(seconds: number): readonly string[] {
    const rate = (this.cases / Math.max(seconds, 1e-3)).toFixed(1);
    const codes = [...this.codes].sort((a, b) => b[1] - a[1]);
    return [
      `${this.cases} mutants in ${seconds.toFixed(0)} s (${rate} a second), mutant ${this.slowestCase} took ${this.slowest.toFixed(2)} s`,
      ...codes.map(([code, count]) => `  ${code.padEnd(20)} ${String(count).padStart(8)}`),
      `${this.findings.size} kinds of findings`,
      ...[...this.findings].map(([key, { count, cases }]) => `  ${key}: ${count} times, mutants ${cases.join(', ')}`),
    ];
  }
}
