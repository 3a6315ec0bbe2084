/** How the laws are run: the same nets each time, others with FC_SEED, more with FC_RUNS. */
import fc from 'fast-check';
import type { Model } from '../../lib/ir/model.js';
import { build } from '../support/build.js';
import { blueprint, type Net, nets } from './nets.js';

const SEED = Number(process.env.FC_SEED ?? 1);
const RUNS = Number(process.env.FC_RUNS ?? 8);

/** Checks a law on random nets; a failing one is shrunk and printed as its node text. */
export async function forNets(law: (net: Net) => Promise<void> | void): Promise<void> {
  const property = fc.asyncProperty(nets, async (net) => {
    try {
      await law(net);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${blueprint(net).nodes.join('\n')}\n${message}`, { cause: error });
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS });
}

/** A net trained from a seed. */
export const trained = (net: Net, seed: number, wider = 1): Model =>
  build({ ...blueprint(net, wider), seed, label: `seed ${seed}` });
