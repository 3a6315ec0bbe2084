/** `inspect`: what a model is, and what a transform could do with it. */
import type { NodeLayer } from '../analysis/groups.js';
import { type Health, patientsOf, tensorHealth } from '../report/health.js';
import { analyse, describeModel, type ModelReport } from '../report/inspect.js';
import { layersByWeight } from '../report/neurons.js';
import { loadModel } from './load.js';
import type { RunOptions } from './options.js';
import { pause } from './pause.js';
import { recipeOf } from './recipe.js';

/** What to tell. */
export interface InspectOptions extends RunOptions {
  /** List every neuron group with every coupled axis, and what is fixed and why. */
  readonly neurons?: boolean | undefined;
}

/** All that `inspect` tells. */
export interface InspectReport extends ModelReport {
  readonly schema: 'onnx-transplant/inspect@1';
  readonly path: string;
  readonly health: Health;
  /** What a transform of ours did to make this model, as it stands in the file's metadata; null where none did. */
  readonly recipe: unknown;
}

/** The recipe as an object, or as the text it is where it is no JSON. */
function parsedRecipe(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Inspects a model file: reads all of it, weights too. Unknown operators and newer versions are told, not refused.
 * Throws what reading and verifying throw, and CANCELLED.
 */
export async function inspect(path: string, options: InspectOptions = {}): Promise<InspectReport> {
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const model = loadModel(path);
  await pause(options.signal);
  const analysis = analyse(model);
  const layers = analysis.neurons ? layersByWeight(analysis.neurons) : new Map<string, NodeLayer>();
  const patients = patientsOf(model, layers);
  const found: Health[] = [];
  for (const [done, patient] of patients.entries()) {
    await pause(options.signal);
    options.onProgress?.({ stage: 'checking weights', done, total: patients.length });
    found.push(tensorHealth(patient));
  }
  return {
    schema: 'onnx-transplant/inspect@1',
    path,
    ...describeModel(model, analysis, options.neurons ?? false),
    health: {
      nonfinite: found.flatMap((each) => each.nonfinite),
      dead: found.flatMap((each) => each.dead),
    },
    recipe: parsedRecipe(recipeOf(model)),
  };
}
