/** The version of this package, as package.json has it. */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

export const VERSION: string = (load('../../../package.json') as { version: string }).version;
