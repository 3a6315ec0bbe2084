/** Proves that a member's parameters were matched rightly: the member and its copy in the template's graph, run on one input. */
import { defect, membersDiffer } from '../errors.js';
import type { Model, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { encodeModel } from '../onnx/write.js';
import { compareOutputs, type Tolerance } from '../runtime/compare.js';
import { toleranceFor } from '../runtime/tolerance.js';
import { tryModel } from '../runtime/trial.js';
import type { Proof } from '../transforms/side-by-side.js';
import { renamed } from './counterparts.js';

/** Two exporters of one network agree to some 1e-6; a wrong match is off by as much as the outputs are large. */
export const PROOF_TOLERANCE: Tolerance = { atol: 1e-4, rtol: 1e-3 };

const namesOf = (values: readonly Value[]): readonly string[] => values.map((value) => value.name);

/** Throws MEMBERS_DIFFER where the two do not compute the same, with the first operator in which the graphs differ. */
export async function prove(proofs: readonly Proof[], template: Model, ep: string | undefined): Promise<void> {
  for (const { member, rebuilt } of proofs) {
    const own = await tryModel(encodeModel(member), { ep, label: member.label });
    const feeds = renamed(own.feeds, namesOf(fedInputs(rebuilt.graph)));
    const expected = renamed(own.outputs, namesOf(rebuilt.graph.outputs));
    if (!feeds || !expected) throw defect('a member was matched that has other inputs or outputs');
    const label = `${member.label} in the form of ${template.label}`;
    const copy = await tryModel(encodeModel(rebuilt), { ep, feeds, label });
    const { outputs, within } = compareOutputs(copy.outputs, expected, toleranceFor(member, PROOF_TOLERANCE));
    if (within) continue;
    const worst = Math.max(...outputs.map((output) => output.maxAbs));
    throw membersDiffer(
      `${member.label} computes other outputs in the graph of ${template.label} (off by ${worst.toPrecision(3)}); ${firstDifference(template, member)}`,
    );
  }
}

/** Operators that only move or measure, which exporters write each in their own way. */
const PLUMBING: ReadonlySet<string> = new Set([
  'Cast',
  'Concat',
  'Constant',
  'Flatten',
  'Gather',
  'Identity',
  'Reshape',
  'Shape',
  'Slice',
  'Squeeze',
  'Unsqueeze',
]); // a table

function firstDifference(a: Model, b: Model): string {
  const ops = (model: Model) => model.graph.nodes.map((node) => node.opType).filter((op) => !PLUMBING.has(op));
  const [ours, theirs] = [ops(a), ops(b)];
  const at = ours.findIndex((op, i) => op !== theirs[i]);
  if (at < 0) return 'their operators are the same, so their settings or their wiring must differ';
  return `the first operator that differs is number ${at + 1}: ${ours[at]} there, ${theirs[at] ?? 'nothing'} here`;
}
