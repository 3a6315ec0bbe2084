/** What importances need that are measured by running models on data. */
import type { ImportanceOptions } from '../analysis/importance/index.js';
import type { Neurons } from '../analysis/neurons.js';
import { type MeasureOptions, measureActivations } from './activations.js';
import { measureGradients } from './gradients.js';

/** Runs the models where the importance asks for it. Throws what `measureActivations` and `measureGradients` throw. */
export async function measureOn(
  importance: string,
  models: readonly Neurons[],
  options: MeasureOptions,
): Promise<Pick<ImportanceOptions, 'moments' | 'gradients'>> {
  if (importance === 'activation') return { moments: await measureActivations(models, options) };
  if (importance === 'taylor') return { gradients: await measureGradients(models, options) };
  return {};
}
