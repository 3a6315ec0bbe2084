/**
 * Several steps in one run: a Scan over batches, through which parameters and optimizer state pass. onnxruntime-node copies all that
 * a run gives into memory of its own, and a device would send it over the bus; so it happens once for all of them.
 */
import { int } from '../ir/attributes.js';
import { symbol } from '../ir/dim.js';
import { byteLength } from '../ir/dtype.js';
import { makeNode } from '../ir/edit.js';
import type { Attribute, Graph, Model, Value } from '../ir/model.js';
import type { NdArray } from '../ir/ndarray.js';
import { elementCount } from '../ir/numeric.js';
import { definedNames } from '../ir/walk.js';
import type { Slot, StepGraph } from './step-graph.js';

/** The graph of several steps. */
export interface Turns {
  readonly model: Model;
  /** The name outside of the Scan of what a step takes or gives; of all but the slots with one more axis in front, the steps. */
  outer(name: string): string;
}

/** A run is no longer than a user waits for Ctrl-C without noticing, and its batches are not larger than anybody minds. */
const SECONDS = 0.2;
const MOST = 16;
const BYTES = 32 * 2 ** 20;

/** A run that is over. */
export interface LastRun {
  readonly steps: number;
  readonly seconds: number;
}

/**
 * How many steps are worth one run, by the last one (undefined before the first): one where a batch, which is copied then, weighs
 * more than what is saved. A short run is doubled at least: on a device four steps may take hardly longer than one.
 */
export function worthOneRun(
  { parameters }: StepGraph,
  feeds: ReadonlyMap<string, NdArray>,
  last: LastRun | undefined,
): number {
  const state = parameters.flatMap(({ state, ...own }) => [own, ...state]);
  const saved = state.reduce((sum, { dtype, dims }) => sum + (byteLength(dtype, elementCount(dims)) ?? 0), 0);
  const copied = [...feeds.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (last === undefined || copied > saved) return 1;
  const { steps, seconds } = last;
  const wanted = Math.max(seconds < SECONDS ? 2 * steps : 1, Math.floor((SECONDS * steps) / seconds));
  return Math.max(1, Math.min(MOST, Math.floor(BYTES / Math.max(1, copied)), wanted));
}

/** Up to IR 3 every initializer is an input too, which a Scan would have to be fed. */
const PLAIN_INPUTS_SINCE = 4;

/** The steps of a step graph, one after the other; undefined where it cannot stand in a Scan. ONNX Scan 11. */
export function inTurns({ model, sums }: StepGraph, slots: readonly Slot[]): Turns | undefined {
  if (sums || model.irVersion < PLAIN_INPUTS_SINCE) return undefined;
  const prefix = freePrefix(definedNames(model.graph));
  const outer = (name: string) => `${prefix}${name}`;
  const { inputs, outputs } = model.graph;
  const [names, nexts] = [new Set(slots.map(({ name }) => name)), new Set(slots.map(({ next }) => next))];
  const fed = inputs.filter(({ name }) => !names.has(name));
  const told = outputs.filter(({ name }) => !nexts.has(name));
  const one = ({ dtype, dims }: Slot, name: string): Value => ({ name, dtype, shape: dims });
  const many = ({ name, dtype, shape }: Value): Value => ({
    name: outer(name),
    dtype,
    shape: shape && [symbol(outer('steps')), ...shape],
  });
  const body: Graph = {
    ...model.graph,
    inputs: [...slots.map((slot) => one(slot, slot.name)), ...fed],
    outputs: [...slots.map((slot) => one(slot, slot.next)), ...told],
  };
  const attributes = new Map<string, Attribute>([
    int('num_scan_inputs', fed.length),
    ['body', { type: 'graph', value: body }],
  ]);
  const [taken, given] = [
    [...slots.map((slot) => one(slot, outer(slot.name))), ...fed.map(many)],
    [...slots.map((slot) => one(slot, outer(slot.next))), ...told.map(many)],
  ];
  const namesOf = (values: readonly Value[]) => values.map(({ name }) => name);
  const scan = makeNode('Scan', namesOf(taken), namesOf(given), attributes);
  const graph: Graph = {
    ...model.graph,
    nodes: [scan],
    initializers: new Map(),
    valueInfo: [],
    inputs: taken,
    outputs: given,
  };
  return { model: { ...model, graph }, outer };
}

function freePrefix(names: ReadonlySet<string>): string {
  let prefix = 'turns/';
  while ([...names].some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}
