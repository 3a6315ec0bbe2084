/** What there is to say of a model without reading its weights. Works on every model that reads and verifies. */
import { findNeurons, type Neurons } from '../analysis/neurons.js';
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { attempt } from '../errors.js';
import type { Model } from '../ir/model.js';
import { type Contents, contentsOf, versionNotes } from './contents.js';
import { type ActivationReport, activationsOf, type NodeCost, nodeCosts } from './costs.js';
import { countMacs, type MacsReport } from './macs.js';
import { type NeuronsReport, neuronsReport, type UncoveredNode, uncoveredNodes } from './neurons.js';
import { atSizes } from './open-sizes.js';

/** What there is to say of a model without reading its weights. */
export interface ModelReport extends Contents {
  /** Null where the shapes contradict each other; a note says where. */
  readonly macs: MacsReport | null;
  /** Null where the shapes contradict each other. */
  readonly activations: ActivationReport | null;
  /** What open lengths were counted as, where that was told; all others count as 1. */
  readonly sizes: readonly { readonly name: string; readonly size: number }[];
  /** What each node costs, in the order of the file; only where it was asked for, and the shapes do not contradict each other. */
  readonly nodes?: readonly NodeCost[];
  /** How many neuron groups there are, and neurons in them; null where the analysis fails, which a note explains. */
  readonly neuronCount: { readonly groups: number; readonly neurons: number } | null;
  /** Nodes that no structure rule covers. */
  readonly uncovered: readonly UncoveredNode[];
  /** Only where it was asked for, and the analysis did not fail. */
  readonly neurons?: NeuronsReport;
  readonly notes: readonly string[];
}

/** As much of the analysis as the model allows. */
export interface Analysis {
  readonly facts: FactsMap | undefined;
  /** The facts at the sizes that were told for open lengths; those above where none was. */
  readonly sized: FactsMap | undefined;
  readonly sizes: ReadonlyMap<string, number>;
  readonly neurons: Neurons | undefined;
  /** Why the rest is missing. */
  readonly notes: readonly string[];
}

/** What to describe beyond the summary. */
export interface Details {
  /** Every group with every coupled axis. */
  readonly neurons: boolean;
  /** The cost of every node. */
  readonly nodes: boolean;
}

/**
 * Finds shapes and neurons, as far as that goes. Throws nothing but defects where no sizes are told, and SHAPE_CONFLICT where
 * these do not fit the graph.
 */
export function analyse(model: Model, sizes: ReadonlyMap<string, number> = new Map()): Analysis {
  const shapes = attempt(() => inferShapes(model));
  if (!shapes.made)
    return {
      facts: undefined,
      sized: undefined,
      sizes,
      neurons: undefined,
      notes: [`shapes cannot be inferred: ${shapes.why}`],
    };
  const sized = sizes.size === 0 ? shapes.made : inferShapes(atSizes(model, sizes));
  const neurons = attempt(() => findNeurons(model));
  return {
    facts: shapes.made,
    sized,
    sizes,
    neurons: neurons.made,
    notes: neurons.made ? [] : [`neurons cannot be found: ${neurons.why}`],
  };
}

/** Describes a model. */
export function describeModel(model: Model, analysis: Analysis, details: Details): ModelReport {
  const { sized, sizes, neurons, notes } = analysis;
  const total = neurons?.groups.reduce((sum, group) => sum + group.size, 0) ?? 0;
  return {
    ...contentsOf(model),
    macs: sized ? countMacs(model.graph, sized) : null,
    activations: sized ? activationsOf(model.graph, sized) : null,
    sizes: [...sizes].map(([name, size]) => ({ name, size })),
    ...(details.nodes && sized ? { nodes: nodeCosts(model.graph, sized) } : {}),
    neuronCount: neurons ? { groups: neurons.groups.length, neurons: total } : null,
    uncovered: neurons ? uncoveredNodes(neurons) : [],
    ...(details.neurons && neurons ? { neurons: neuronsReport(neurons) } : {}),
    notes: [...versionNotes(model), ...notes],
  };
}
