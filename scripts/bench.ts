/** `npm run bench -- NAME`: measurements, as ratios within one run. */
import { benchAnalysis } from './bench/analysis.js';
import { benchFuse } from './bench/fuse.js';
import { benchPrune } from './bench/prune.js';
import { benchTrain } from './bench/train.js';

const BENCHES: ReadonlyMap<string, (args: readonly string[]) => Promise<void>> = new Map([
  ['analysis', benchAnalysis],
  ['fuse', benchFuse],
  ['prune', benchPrune],
  ['train', benchTrain],
]);

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES.get(name);
if (bench) await bench(args);
else {
  console.error(`npm run bench -- NAME, with NAME one of: ${[...BENCHES.keys()].join(', ')}`);
  process.exitCode = 2;
}
