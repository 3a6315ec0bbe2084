/** `inspect`: what a model is, and what a transform could do with it. */
import type { NodeLayer } from '../analysis/groups.js';
import { incomingOf } from '../analysis/incoming.js';
import type { Neurons } from '../analysis/neurons.js';
import type { Model } from '../ir/model.js';
import { type ExternalFile, type NodeNotes, nodeNotes, storedModel } from '../onnx/stored.js';
import { duplicatesIn } from '../report/duplicates.js';
import { type Health, negativeVariances, patientsOf, tensorHealth, unreadIn } from '../report/health.js';
import { analyse, describeModel, type ModelReport } from '../report/inspect.js';
import { layersByWeight } from '../report/neurons.js';
import { type SizeOptions, sizesOf } from '../report/open-sizes.js';
import { inspectPageData } from './inspect-page.js';
import { loadModel } from './load.js';
import { compareMembers, type MemberSimilarity } from './member-similarity.js';
import type { RunOptions } from './options.js';
import { checkPage, writePage } from './page-file.js';
import { pause } from './pause.js';
import { type Provenance, provenanceOf } from './provenance.js';
import { parsedRecipe } from './recipe.js';

/** What to tell. */
export interface InspectOptions extends RunOptions, SizeOptions {
  /** List every neuron group with every coupled axis, and what is fixed and why. */
  readonly neurons?: boolean | undefined;
  /** List every node with its multiply-accumulates, the bytes of its outputs, and its parameters. */
  readonly nodes?: boolean | undefined;
  /** Paths of models of the same architecture: how alike they are to this one and to each other, whatever the order of neurons. */
  readonly memberSimilarity?: readonly string[] | undefined;
  /** Where a page goes that shows the graph. */
  readonly html?: string | undefined;
}

/** All that `inspect` tells. */
export interface InspectReport extends ModelReport {
  readonly schema: 'onnx-transplant/inspect@1';
  readonly path: string;
  /** Bytes of the model file. */
  readonly fileBytes: number;
  /** Files beside the model that hold weights; reading refuses a model of which one is missing or too short. */
  readonly external: readonly ExternalFile[];
  /** What exporters noted about nodes. */
  readonly nodeNotes: readonly NodeNotes[];
  readonly health: Health;
  /** What a transform of ours did to make this model, as it stands in the file's metadata; null where none did. */
  readonly recipe: unknown;
  /** Whose neurons these are, as a transform of ours noted it in the metadata; null where none did. */
  readonly provenance: Provenance | null;
  /** Only where it was asked for. */
  readonly memberSimilarity?: MemberSimilarity;
  /** The page that was written; null where none was asked for. */
  readonly page: { readonly path: string; readonly bytes: number } | null;
}

/**
 * Inspects a model file: reads all of it, weights too. Unknown operators and newer versions are told, not refused.
 * Throws what reading and verifying throw, USAGE for sizes that do not fit the inputs, with `memberSimilarity` what matching
 * members throws, with `html` what `checkPage` and `writePage` throw, and CANCELLED.
 */
export async function inspect(path: string, options: InspectOptions = {}): Promise<InspectReport> {
  const { neurons = false, nodes = false, memberSimilarity } = options;
  checkPage(options.html, [path, ...(memberSimilarity ?? [])]);
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const model = loadModel(path);
  await pause(options.signal);
  const analysis = analyse(model, sizesOf(model, options));
  await pause(options.signal);
  const { fileBytes, external } = storedModel(model);
  const health = await healthOf(model, analysis.neurons, options);
  const { provenance, notes } = provenanceOf(model);
  const described = describeModel(model, analysis, { neurons, nodes });
  const similarity = memberSimilarity && (await compareMembers([path, ...memberSimilarity], options));
  const report: InspectReport = {
    schema: 'onnx-transplant/inspect@1',
    path,
    fileBytes,
    external,
    nodeNotes: nodeNotes(model.graph.nodes),
    ...described,
    health,
    recipe: parsedRecipe(model),
    provenance,
    ...(similarity ? { memberSimilarity: similarity } : {}),
    page: null,
    notes: [...described.notes, ...notes, ...(similarity?.notes ?? [])],
  };
  if (options.html === undefined) return report;
  return { ...report, page: await writePage(options.html, inspectPageData(model, analysis, report), options) };
}

async function healthOf(model: Model, neurons: Neurons | undefined, options: RunOptions): Promise<Health> {
  const layers = neurons ? layersByWeight(neurons) : new Map<string, NodeLayer>();
  const patients = patientsOf(model, layers);
  const groups = neurons ? incomingOf(neurons) : [];
  const total = patients.length + groups.length;
  const each = async <T, R>(items: readonly T[], from: number, look: (item: T) => R): Promise<readonly R[]> => {
    const found: R[] = [];
    for (const [i, item] of items.entries()) {
      await pause(options.signal);
      options.onProgress?.({ stage: 'checking weights', done: from + i, total });
      found.push(look(item));
    }
    return found;
  };
  const tensors = await each(patients, 0, (patient) => tensorHealth(patient, neurons));
  const grouped = await each(groups, patients.length, (incoming) =>
    neurons
      ? { unread: unreadIn(neurons, incoming), duplicates: duplicatesIn(neurons, incoming) }
      : { unread: [], duplicates: [] },
  );
  return {
    nonfinite: tensors.flatMap(({ nonfinite }) => nonfinite),
    extreme: tensors.flatMap(({ extreme }) => extreme),
    variances: negativeVariances(model),
    dead: tensors.flatMap(({ dead }) => dead),
    unread: grouped.flatMap(({ unread }) => unread),
    duplicates: grouped.flatMap(({ duplicates }) => duplicates),
  };
}
