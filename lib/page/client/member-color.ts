/** The colour of a model that neurons came from. */
import { MEMBERS, type Theme } from '../palette.js';

/** Members beyond the palette take its colours again; `isStriped` tells them apart. */
export const memberColor = (member: number, theme: Theme): string =>
  (MEMBERS[member % MEMBERS.length] ?? { light: '#000000', dark: '#ffffff' })[theme];

/** Whether a member has its colour for the second time or more. */
export const isStriped = (member: number): boolean => member >= MEMBERS.length;
