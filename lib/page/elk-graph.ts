/** The graph as elkjs takes it, and back. Options: https://eclipse.dev/elk/reference/options.html */
import type { ElkExtendedEdge, ElkNode, ElkPort, LayoutOptions } from 'elkjs/lib/elk-api.js';
import type { PageData } from './data.js';
import type { Box, PageLayout, Route } from './layout-data.js';

/**
 * NETWORK_SIMPLEX places nodes a little better but takes minutes for 2,000 nodes, BRANDES_KOEPF a second or two. One attempt
 * at the order within layers (`thoroughness` 1, of 7) is enough for networks, which are mostly chains.
 */
export const ELK_OPTIONS: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.thoroughness': '1',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.componentComponent': '40',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
};

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

/** A value leaves its node at one port below, however many nodes it flows to; each edge enters at a port of its own above. */
function endsOf({ nodes, edges }: PageData): Ends {
  const ports: ElkPort[][] = nodes.map(() => []);
  const outs = new Map<string, string>();
  const made = edges.map(({ from, to, label }, i): ElkExtendedEdge => {
    const key = `${from} ${label}`;
    let out = outs.get(key);
    if (out === undefined) {
      out = `o${i}`;
      outs.set(key, out);
      ports[from]?.push(port(out, 'SOUTH'));
    }
    ports[to]?.push(port(`i${i}`, 'NORTH'));
    return { id: `e${i}`, sources: [out], targets: [`i${i}`] };
  });
  return { edges: made, ports };
}

/** The graph to lay out. `sizes` are the boxes' widths and heights. */
export function elkGraph(data: PageData, sizes: readonly (readonly [number, number])[]): ElkNode {
  const { edges, ports } = endsOf(data);
  const children = sizes.map(([width, height], i): ElkNode => {
    return { id: `n${i}`, width, height, ports: ports[i] ?? [], layoutOptions: SIDES };
  });
  return { id: 'graph', layoutOptions: ELK_OPTIONS, children, edges };
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
