/** What there is to say of a model without reading its weights. Works on every model that reads and verifies. */
import { findNeurons, type Neurons } from '../analysis/neurons.js';
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { TransplantError } from '../errors.js';
import type { Model } from '../ir/model.js';
import { type Contents, contentsOf, versionNotes } from './contents.js';
import { countMacs, type MacsReport } from './macs.js';
import { type NeuronsReport, neuronsReport, type UncoveredNode, uncoveredNodes } from './neurons.js';

/** What there is to say of a model without reading its weights. */
export interface ModelReport extends Contents {
  /** Null where the shapes contradict each other; a note says where. */
  readonly macs: MacsReport | null;
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
  readonly neurons: Neurons | undefined;
  /** Why the rest is missing. */
  readonly notes: readonly string[];
}

/** The result of `work`, or the refusal as a note. Other errors are defects and pass through. */
function attempt<T>(what: string, work: () => T): { readonly made?: T; readonly notes: readonly string[] } {
  try {
    return { made: work(), notes: [] };
  } catch (error) {
    if (!(error instanceof TransplantError) || error.kind !== 'refused') throw error;
    return { notes: [`${what}: ${error.message}`] };
  }
}

/** Finds shapes and neurons, as far as that goes. Throws nothing but defects. */
export function analyse(model: Model): Analysis {
  const shapes = attempt('shapes cannot be inferred', () => inferShapes(model));
  if (!shapes.made) return { facts: undefined, neurons: undefined, notes: shapes.notes };
  const neurons = attempt('neurons cannot be found', () => findNeurons(model));
  return { facts: shapes.made, neurons: neurons.made, notes: neurons.notes };
}

/** Describes a model; `detailed` lists every group with every coupled axis. */
export function describeModel(model: Model, analysis: Analysis, detailed: boolean): ModelReport {
  const { facts, neurons, notes } = analysis;
  const total = neurons?.groups.reduce((sum, group) => sum + group.size, 0) ?? 0;
  return {
    ...contentsOf(model),
    macs: facts ? countMacs(model.graph, facts) : null,
    neuronCount: neurons ? { groups: neurons.groups.length, neurons: total } : null,
    uncovered: neurons ? uncoveredNodes(neurons) : [],
    ...(detailed && neurons ? { neurons: neuronsReport(neurons) } : {}),
    notes: [...versionNotes(model), ...notes],
  };
}
