/** Where two models part: their inner values beside each other, and the node at which they stop to agree. */
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { pairInputs, pairValues } from '../diff/values.js';
import { attempt } from '../errors.js';
import { isSymbolic } from '../ir/dim.js';
import { byteLength } from '../ir/dtype.js';
import type { Model } from '../ir/model.js';
import type { NdArray } from '../ir/ndarray.js';
import { fedInputs } from '../ir/nodes.js';
import { elementCount } from '../ir/numeric.js';
import { nodeMetadata } from '../onnx/graph.js';
import type { Tolerance } from '../runtime/compare.js';
import { concreteDims } from '../runtime/feeds.js';
import type { RunOptions } from './options.js';
import { makersOf } from './trace-graph.js';
import { judged } from './trace-judge.js';
import type { TraceReport } from './trace-report.js';
import { observe, type Traced } from './trace-runs.js';
import { search } from './trace-search.js';

type Arrays = ReadonlyMap<string, NdArray>;

/** A model in its file, on an execution provider. */
export interface TraceSide {
  readonly model: Model;
  readonly path: string;
  readonly ep: string | undefined;
}

export interface TraceOptions extends RunOptions {
  readonly tolerance: Tolerance;
  /** Inputs of the first model. */
  readonly feeds: Arrays;
  /** Their number among the sets. */
  readonly set: number;
}

/** What a value is taken to need whose shape is not known. */
const UNKNOWN_BYTES = 2 ** 22;

/** About how many bytes each value takes on these inputs. */
function sizesOn(model: Model, feeds: Arrays): (value: string) => number {
  const sizes = new Map<string, number>();
  for (const { name, shape = [] } of fedInputs(model.graph)) {
    shape.forEach((dim, axis) => {
      const [symbol, length] = [isSymbolic(dim) ? dim.symbols[0] : undefined, feeds.get(name)?.dims[axis]];
      if (symbol !== undefined && length !== undefined) sizes.set(symbol, length);
    });
  }
  // Where shapes contradict each other the sizes are only guessed less well.
  const facts: FactsMap = attempt(() => inferShapes(model)).made ?? new Map();
  return (value) => {
    const { shape, dtype = 0 } = facts.get(value) ?? {};
    const bytes = shape && byteLength(dtype, elementCount(concreteDims(shape, { sizes })));
    return bytes ?? UNKNOWN_BYTES;
  };
}

const computed = ({ graph }: Model): number =>
  graph.nodes.flatMap((node) => (node.opType === 'Constant' ? [] : node.outputs.filter((name) => name !== ''))).length;

/**
 * Runs two models, or one on two execution providers, on the same inputs and compares their inner values. Memory: the values of one
 * run, at most TRACE_RUN_BYTES of each model or one value. Throws EP_UNAVAILABLE, RUNTIME_LOAD, RUNTIME_RUN, CANCELLED.
 */
export async function trace(here: TraceSide, there: TraceSide, options: TraceOptions): Promise<TraceReport> {
  const inputs = pairInputs(here.model, there.model);
  const pairs = new Map(pairValues(here.model, there.model, nodeMetadata));
  const bytesOf = sizesOn(here.model, options.feeds);
  const values = [...pairs].map(([value, counterpart]): Traced => ({ value, counterpart, bytes: bytesOf(value) }));
  const sideOf = ({ model, path, ep }: TraceSide, feeds: Arrays) => ({
    path,
    ep,
    feeds,
    outputs: new Set(model.graph.outputs.map(({ name }) => name)),
  });
  const theirs = new Map([...inputs].map(([name, other]) => [other, options.feeds.get(name) as NdArray]));
  const both = [sideOf(here, options.feeds), sideOf(there, theirs)] as const;
  const makers = [makersOf(here.model.graph), makersOf(there.model.graph)] as const;
  const observed = await search(values, makers[0], (some) => observe(some, both, options.tolerance, options));
  const graphs = [here.model.graph, there.model.graph] as const;
  return {
    ...judged({ graphs, makers, inputs, pairs, observed }),
    set: options.set,
    paired: pairs.size,
    unpaired: { here: computed(here.model) - pairs.size, there: computed(there.model) - pairs.size },
  };
}
