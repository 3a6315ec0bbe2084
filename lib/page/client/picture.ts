/** What one frame shows, and how much of it at which zoom. */
import type { Theme } from '../palette.js';
import type { Scene } from './scene.js';
import type { View } from './view.js';

/** What is drawn, and how. */
export interface Picture {
  readonly scene: Scene;
  readonly view: View;
  readonly theme: Theme;
  readonly selected: number | undefined;
  readonly hovered: number | undefined;
  /** Nodes that search and filters leave; undefined for all. The others are faint. */
  readonly shown: ReadonlySet<number> | undefined;
}

/** Zooms from which something is drawn. */
export const DETAILS = { round: 0.3, title: 0.3, detail: 0.5, arrow: 0.22, label: 1.3 } as const;

/** Opacity of what search and filters leave out. */
export const FAINT = 0.2;
