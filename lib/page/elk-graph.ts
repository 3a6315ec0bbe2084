/** The graph as elkjs takes it, and back. Options: https://eclipse.dev/elk/reference/options.html */
import type { ElkExtendedEdge, ElkNode, ElkPort, LayoutOptions } from 'elkjs/lib/elk-api.js';
import type { PageData } from './data.js';
import type { Box, PageLayout, Route } from './layout-data.js';

/** One attempt at the order within layers (`thoroughness` 1, of 7) is enough for networks, which are mostly chains. */
const OPTIONS: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.thoroughness': '1',
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.componentComponent': '40',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
};

/** Lines of the trunk are straight before all others. */
const TRUNK: LayoutOptions = { 'elk.layered.priority.straightness': '10', 'elk.layered.priority.shortness': '10' };

const PORT: LayoutOptions = { 'elk.port.borderOffset': '0' };
const SIDES: LayoutOptions = { 'elk.portConstraints': 'FIXED_SIDE', 'elk.spacing.portPort': '12' };

interface Ends {
  readonly edges: ElkExtendedEdge[];
  readonly ports: readonly ElkPort[][];
}

const port = (id: string, side: 'NORTH' | 'SOUTH'): ElkPort => ({
  id,
  width: 0,
  height: 0,
  layoutOptions: { ...PORT, 'elk.port.side': side },
});

/**
 * A value leaves its node at one port below, however many nodes it flows to, and all enter at one port above: in the
 * middle, so that a trunk can be straight through all of its boxes.
 */
function endsOf({ nodes, edges }: PageData, trunk: readonly boolean[]): Ends {
  const ports: ElkPort[][] = nodes.map(() => []);
  const outs = new Map<string, string>();
  const fed = new Set<number>();
  const made = edges.map(({ from, to, label }, i): ElkExtendedEdge => {
    const key = `${from} ${label}`;
    let out = outs.get(key);
    if (out === undefined) {
      out = `o${i}`;
      outs.set(key, out);
      ports[from]?.push(port(out, 'SOUTH'));
    }
    if (!fed.has(to)) ports[to]?.push(port(`i${to}`, 'NORTH'));
    fed.add(to);
    return { id: `e${i}`, sources: [out], targets: [`i${to}`], ...(trunk[i] ? { layoutOptions: TRUNK } : {}) };
  });
  return { edges: made, ports };
}

/** What a layout is made of. */
export interface ElkTask {
  readonly data: PageData;
  /** Widths and heights of the boxes. */
  readonly sizes: readonly (readonly [number, number])[];
  /** See `trunkOf`. */
  readonly trunk: readonly boolean[];
  /** Whether boxes are placed by NETWORK_SIMPLEX, which is best, or by LINEAR_SEGMENTS, which is fast. */
  readonly best: boolean;
}

/** The graph to lay out. */
export function elkGraph({ data, sizes, trunk, best }: ElkTask): ElkNode {
  const { edges, ports } = endsOf(data, trunk);
  const children = sizes.map(([width, height], i): ElkNode => {
    return { id: `n${i}`, width, height, ports: ports[i] ?? [], layoutOptions: SIDES };
  });
  const strategy = best ? 'NETWORK_SIMPLEX' : 'LINEAR_SEGMENTS';
  const layoutOptions = { ...OPTIONS, 'elk.layered.nodePlacement.strategy': strategy };
  return { id: 'graph', layoutOptions, children, edges };
}

const rounded = (value: number | undefined): number => Math.round((value ?? 0) * 2) / 2;

function routeOf({ sections = [] }: ElkExtendedEdge): Route {
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]);
  return points.flatMap(({ x, y }) => [rounded(x), rounded(y)]);
}

/** What elkjs made of the graph, to half a pixel. */
export function fromElk({ width, height, children = [], edges = [] }: ElkNode): PageLayout {
  const boxes = children.map(
    (child): Box => [rounded(child.x), rounded(child.y), rounded(child.width), rounded(child.height)],
  );
  return { mode: 'layered', width: rounded(width), height: rounded(height), boxes, routes: edges.map(routeOf) };
}
