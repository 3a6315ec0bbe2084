/** The last step of building a graph that trains. */
import type { FactsMap } from '../analysis/shapes.js';
import type { Graph, Model } from '../ir/model.js';
import { joinImages } from './join-images.js';
import { lower } from './lower.js';
import { maskPooled } from './mask-pooled.js';
import { rideMomentum } from './ride-momentum.js';
import { shareNodes } from './share-nodes.js';
import type { TrainingForm } from './training-form.js';

/** The graph in operators that every onnxruntime runs, in forms that it computes fast, and without what is computed twice. */
export function finished({ model, running }: TrainingForm, graph: Graph, facts: FactsMap): Model {
  const whole = { ...model, graph };
  const made = joinImages(running.length === 0 ? whole : lower(whole), facts);
  return { ...made, graph: maskPooled(shareNodes(rideMomentum(made.graph))) };
}
