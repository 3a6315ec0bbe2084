/** The graph with all that is looked up in it, made once. */
import { type BoxText, boxText } from '../box-text.js';
import type { PageData } from '../data.js';
import type { PageLayout } from '../layout-data.js';
import type { Family } from '../palette.js';
import { type Grid, gridOfBoxes, gridOfRoutes } from './grid.js';
import { familyOf } from './marks.js';
import { type Share, sharesOf } from './origins.js';
import { type Neighbours, neighboursOf } from './steps.js';

/** Immutable; arrays are in the order of the data. */
export interface Scene {
  readonly data: PageData;
  readonly layout: PageLayout;
  readonly texts: readonly BoxText[];
  readonly families: readonly Family[];
  /** Members' shares of each node's neurons; empty where nothing is known. */
  readonly shares: readonly (readonly Share[])[];
  readonly boxGrid: Grid;
  readonly routeGrid: Grid;
  readonly neighbours: Neighbours;
  /** Whether anything differs: then colours tell changes, else families of operators. */
  readonly differs: boolean;
}

/** Of what the page holds. */
export function sceneOf(data: PageData, layout: PageLayout): Scene {
  const { nodes, edges } = data;
  return {
    data,
    layout,
    texts: nodes.map(boxText),
    families: nodes.map(familyOf),
    shares: nodes.map(({ neurons }) => sharesOf(neurons.flatMap(({ runs }) => runs))),
    boxGrid: gridOfBoxes(layout.boxes),
    routeGrid: gridOfRoutes(layout.routes),
    neighbours: neighboursOf(nodes.length, edges),
    differs: nodes.some(({ change }) => change !== 'same') || edges.some(({ change }) => change !== 'same'),
  };
}
