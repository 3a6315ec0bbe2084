/** The script of the process in which `doctor` tries one execution provider: its name in, one line of JSON out. */
import { writeSync } from 'node:fs';
import { hearErrors } from '../runtime/ort.js';
import { tryProvider } from '../runtime/providers.js';

const [name = ''] = process.argv.slice(2);
hearErrors();
const started = performance.now();
const { works, why } = await tryProvider(name);
const seconds = (performance.now() - started) / 1000;
// At once and whole: what a driver does while the process ends must not lose it.
writeSync(1, `\n${JSON.stringify({ provider: name, works, why, seconds })}\n`);
