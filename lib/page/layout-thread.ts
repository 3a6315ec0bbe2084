/** The thread of `layoutOf`: lays out one graph and answers with it. */
import { parentPort, workerData } from 'node:worker_threads';
import ELK from 'elkjs/lib/elk.bundled.js';
import type { ElkNode } from 'elkjs/lib/elk-api.js';
import { fromElk } from './elk-graph.js';

parentPort?.postMessage(fromElk(await new ELK.default().layout(workerData as ElkNode)));
