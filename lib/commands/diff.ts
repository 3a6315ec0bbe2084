/** `diff`: what two models differ in, and whether they are the same network. */
import { type Aligned, alignModels, diffModels, diffTensorsOf, type ModelDiff } from '../diff/models.js';
import type { Permuted } from '../diff/permutation.js';
import type { TensorDiff } from '../diff/tensors.js';
import { SAME, sentenceOf, type Verdict } from '../diff/verdict.js';
import { nodeMetadata } from '../onnx/graph.js';
import { textsOf } from '../onnx/texts.js';
import { findOut } from './diff-finding.js';
import type { OutputsReport } from './diff-outputs.js';
import { diffPageData } from './diff-page.js';
import { loadModel } from './load.js';
import type { RunOptions } from './options.js';
import { checkPage, writePage } from './page-file.js';
import { pause } from './pause.js';

/** How to compare. */
export interface DiffOptions extends RunOptions {
  /** Look whether the second model is the first with its neurons in another order. */
  readonly permutation?: boolean | undefined;
  /** Only identical models are the same. */
  readonly strict?: boolean | undefined;
  /** Run both on random inputs where the files alone do not settle it; true unless told. */
  readonly run?: boolean | undefined;
  /** Execution provider for that: `cpu` unless told. */
  readonly ep?: string | undefined;
  /** Where a page goes that shows both graphs as one. */
  readonly html?: string | undefined;
}

/** All that `diff` tells. */
export interface DiffReport extends ModelDiff {
  readonly schema: 'onnx-transplant/diff@1';
  readonly before: string;
  readonly after: string;
  readonly verdict: Verdict;
  /** The verdict in words. */
  readonly sentence: string;
  /** Whether they are the same network (see `SAME`), or with `strict` identical. */
  readonly same: boolean;
  /** Null where they were not run. */
  readonly outputs: OutputsReport | null;
  /** Null where it was not looked for, or cannot be: a note says why. */
  readonly permutation: Permuted | null;
  /** The page that was written; null where none was asked for. */
  readonly page: { readonly path: string; readonly bytes: number } | null;
  readonly notes: readonly string[];
}

async function tensorsOf(aligned: Aligned, { signal, onProgress }: RunOptions): Promise<readonly TensorDiff[]> {
  const found: TensorDiff[] = [];
  const [a, b] = aligned.sides;
  const total = a.side.constants.size + b.side.constants.size - aligned.tensors.size;
  for (const tensor of diffTensorsOf(aligned)) {
    found.push(tensor);
    onProgress?.({ stage: 'comparing weights', done: found.length, total });
    await pause(signal);
  }
  return found;
}

/**
 * Compares two model files. That they differ is an answer (`same: false`), not an error. Throws what reading and verifying throw,
 * EP_UNAVAILABLE, CANCELLED, and for `html` what `checkPage` and `writePage` throw.
 */
export async function diff(before: string, after: string, options: DiffOptions = {}): Promise<DiffReport> {
  checkPage(options.html, [before, after]);
  options.onProgress?.({ stage: 'reading', done: 0, total: 2 });
  const models = [loadModel(before), loadModel(after)] as const;
  await pause(options.signal);
  options.onProgress?.({ stage: 'aligning', done: 0, total: 1 });
  const aligned = alignModels(...models, { noteOf: nodeMetadata, textsOf });
  const found = diffModels(aligned, models, await tensorsOf(aligned, options));
  const finding = await findOut([before, after], models, found, options);
  const report: DiffReport = {
    schema: 'onnx-transplant/diff@1',
    before,
    after,
    ...finding,
    sentence: sentenceOf(finding.verdict, found, finding.outputs?.within ?? false),
    same: options.strict ? finding.verdict === 'identical' : SAME.has(finding.verdict),
    ...found,
    page: null,
    notes: [...aligned.notes, ...finding.notes],
  };
  if (options.html === undefined) return report;
  return { ...report, page: await writePage(options.html, diffPageData(report, aligned), options) };
}
