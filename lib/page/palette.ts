/** Table: colours of the page, for light and dark; the style sheet and the drawing read the same ones. */
import type { Change } from './data.js';

/** A way to look. */
export type Theme = 'light' | 'dark';

/** One colour in each theme, as `#rrggbb`. */
export type Shade = Readonly<Record<Theme, string>>;

const shade = (light: string, dark: string): Shade => ({ light, dark });

/** Surfaces, texts and lines. */
export const SURFACES = {
  paper: shade('#ffffff', '#161b22'),
  desk: shade('#f4f6f9', '#0d1117'),
  raised: shade('#eef1f5', '#21282f'),
  box: shade('#ffffff', '#1c232c'),
  ink: shade('#18202b', '#e8edf3'),
  soft: shade('#566173', '#9eabba'),
  rule: shade('#dce1e8', '#2d3540'),
  outline: shade('#b8c1cd', '#46515f'),
  wire: shade('#8b97a7', '#66727f'),
  accent: shade('#0b5fcc', '#6cb0ff'),
  onAccent: shade('#ffffff', '#0d1117'),
} as const;

/** What a change looks like, in colour; its letter and shape are in client/marks. `tint` fills a box. */
export const CHANGES: Readonly<Record<Change, { readonly strong: Shade; readonly tint: Shade }>> = {
  same: { strong: shade('#566173', '#9eabba'), tint: shade('#ffffff', '#1c232c') },
  added: { strong: shade('#127436', '#4cc76a'), tint: shade('#e3f6e8', '#12301c') },
  removed: { strong: shade('#bf2330', '#ff8078'), tint: shade('#fdeaea', '#3b1a1c') },
  changed: { strong: shade('#8f5a00', '#e3aa3c'), tint: shade('#fff3d9', '#352810') },
  moved: { strong: shade('#0b5fcc', '#6cb0ff'), tint: shade('#e4effd', '#13294a') },
  renamed: { strong: shade('#7a3fc4', '#bf96ff'), tint: shade('#f1e9fc', '#2b1e45') },
};

/** What operators do, roughly: each family has a bar of its colour at the left of its boxes. */
export const FAMILIES = {
  layer: shade('#2f6fde', '#5b9bff'),
  activation: shade('#d1581c', '#ff9a5c'),
  norm: shade('#0f8a86', '#3fc4bd'),
  pool: shade('#4b8b1d', '#8ccf57'),
  shape: shade('#8a5bd6', '#b394f5'),
  other: shade('#7b8696', '#8d99a8'),
  end: shade('#3b4656', '#c3ccd7'),
} as const;

/** A family of operators. */
export type Family = keyof typeof FAMILIES;

/**
 * Models that neurons came from, in turn; the ninth has the first one's colour with stripes. Told apart by the
 * colour-blind too.
 */
export const MEMBERS: readonly Shade[] = [
  shade('#2468c4', '#5b9bff'),
  shade('#e08a00', '#f5b041'),
  shade('#0a8f6c', '#2fc79b'),
  shade('#c23b8a', '#f07fbf'),
  shade('#6fb7e9', '#a5d8ff'),
  shade('#b5432a', '#ff8562'),
  shade('#5d6470', '#b4bdc9'),
  shade('#c9b400', '#f2e25c'),
];
