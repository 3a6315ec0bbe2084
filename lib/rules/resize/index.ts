/** What to rewrite in a node when the widths of its values change, one rule an operator; others hold no widths. */
import { type Table, tableOf } from '../table.js';
import { cutResizes } from './cuts.js';
import { layerResizes } from './layers.js';
import type { ResizeRule } from './rule.js';
import { targetResizes } from './targets.js';

export const RESIZE_RULES: Table<ResizeRule> = tableOf(cutResizes, layerResizes, targetResizes);
