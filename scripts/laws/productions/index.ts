/** All ways to go on from an open value. */
import type { Production } from '../production.js';
import { attentions } from './attention.js';
import { elementwise } from './elementwise.js';
import { layers } from './layers.js';
import { norms } from './norms.js';
import { rare } from './rare.js';
import { reducing } from './reducing.js';
import { reshaping } from './reshaping.js';
import { sharing } from './sharing.js';
import { slicing } from './slicing.js';
import { spatial } from './spatial.js';

export const PRODUCTIONS: readonly Production[] = [
  ...elementwise,
  ...layers,
  ...spatial,
  ...norms,
  ...slicing,
  ...reshaping,
  ...reducing,
  ...attentions,
  ...sharing,
  ...rare,
];

const BY_NAME: ReadonlyMap<string, Production> = new Map(PRODUCTIONS.map((each) => [each.name, each]));

export const productionNamed = (name: string): Production | undefined => BY_NAME.get(name);
