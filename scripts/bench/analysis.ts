/** `npm run bench -- analysis`: finding the neurons of deep residual networks, in processes of their own. */
import { findNeurons } from '../../lib/analysis/neurons.js';
import { prepare } from '../../lib/transforms/prepare.js';
import { measure, median, printMeasured } from './measure.js';
import { deepResnet } from './resnet.js';

const NODES = 2000;
const ROUNDS = 3;
const NETS: ReadonlyMap<string, readonly number[]> = new Map([
  ['narrow', [8, 16, 32]],
  ['wide', [64, 128, 256]],
]);

/** The analysis reads no weight of a layer: all layers show the same numbers. */
const SHARED = new Float32Array(256 * 256 * 9);

const netOf = (name: string) =>
  deepResnet(NODES, NETS.get(name) ?? [], (rows, columns) => SHARED.subarray(0, rows * columns));

/** Prints a row for each net. */
export async function benchAnalysis(args: readonly string[]): Promise<void> {
  if (args[0] === '--child') {
    const model = netOf(args[1] as string);
    return printMeasured(() => findNeurons(prepare(model)));
  }
  console.log(`prepare and findNeurons of a residual network of ${NODES} nodes; median of ${ROUNDS}`);
  console.log('net      nodes  groups  neurons  seconds');
  for (const name of NETS.keys()) {
    const { model, groups } = findNeurons(prepare(netOf(name)));
    const rounds = Array.from({ length: ROUNDS }, () => measure(['analysis', '--child', name]).seconds);
    const cells = [
      name.padEnd(7),
      String(model.graph.nodes.length).padStart(6),
      String(groups.length).padStart(7),
      String(groups.reduce((sum, { size }) => sum + size, 0)).padStart(8),
      median(rounds).toFixed(2).padStart(8),
    ];
    console.log(cells.join(' '));
  }
}
