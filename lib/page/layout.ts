/** Where boxes and lines of a page lie. */
import { Worker } from 'node:worker_threads';
import type { ElkNode } from 'elkjs/lib/elk-api.js';
import { cancelled, defect, usage } from '../errors.js';
import { MAX_PAGE_NODES } from '../limits.js';
import { boxSize } from './box-text.js';
import type { PageData } from './data.js';
import { elkGraph } from './elk-graph.js';
import { layersOf, partsOf, trunkOf } from './layers.js';
import type { PageLayout } from './layout-data.js';
import { plainLayout } from './plain-layout.js';
import { straightened } from './straighten.js';

/** Parts (see `partsOf`) up to which a fine layout is made: a chain of 6,000 nodes with long links, in half a minute. */
const LAYERED_PARTS = 30_000;

/**
 * Parts up to which boxes are placed in the best way: it takes a second or two for as many, and minutes for ten times
 * as many.
 */
const BEST_PARTS = 600;

/** elkjs walks paths by recursion; a chain of 10,000 nodes overflows the usual stack of about 1 MiB. */
const STACK_MB = 64;

/**
 * Lays out on a thread of its own: elkjs computes for seconds without a pause, and a thread can be stopped meanwhile
 * (Ctrl-C) and given a larger stack.
 */
function layeredLayout(graph: ElkNode, signal: AbortSignal | undefined): Promise<PageLayout> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./layout-thread.js', import.meta.url), {
      workerData: graph,
      resourceLimits: { stackSizeMb: STACK_MB },
    });
    const stop = () => {
      void worker.terminate();
      reject(cancelled());
    };
    signal?.addEventListener('abort', stop, { once: true });
    worker.once('message', (layout: PageLayout) => resolve(layout));
    worker.once('error', (cause) => reject(defect('the graph could not be laid out', cause)));
    worker.once('exit', () => {
      signal?.removeEventListener('abort', stop);
      reject(defect('the layout ended without an answer'));
    });
  });
}

/** Every edge must lead from a node to a node. Throws DEFECT, and USAGE for a graph larger than a page can show. */
function expectDrawable({ nodes, edges }: PageData): void {
  if (nodes.length > MAX_PAGE_NODES) {
    throw usage(
      `a page shows up to ${MAX_PAGE_NODES} nodes; this graph has ${nodes.length}`,
      'Leave out --html: the report in the terminal and --json have no ceiling.',
    );
  }
  for (const { from, to, label } of edges) {
    if (!nodes[from] || !nodes[to]) throw defect(`edge ${label} leads from node ${from} to ${to}, of ${nodes.length}`);
  }
}

/**
 * Lays out a graph from top to bottom. Throws USAGE for more than `MAX_PAGE_NODES` nodes, CANCELLED once `signal` is
 * aborted, DEFECT for edges without nodes.
 */
export async function layoutOf(data: PageData, signal?: AbortSignal): Promise<PageLayout> {
  expectDrawable(data);
  if (signal?.aborted) throw cancelled();
  const sizes = data.nodes.map(boxSize);
  const layers = layersOf(data);
  const parts = partsOf(data, layers);
  if (parts > LAYERED_PARTS) return plainLayout(data, sizes, layers);
  const trunk = trunkOf(data, layers);
  const best = parts <= BEST_PARTS;
  const layout = await layeredLayout(elkGraph({ data, sizes, trunk, best }), signal);
  return best ? layout : straightened(layout, data.edges, trunk);
}
