/**
 * Runs many small models on the same inputs. Loading takes ONNX Runtime longer than running, so models that are asked for at the
 * same time stand side by side in one graph; where that fails, each runs alone, and fails alone.
 */
import type { Model } from '../../lib/ir/model.js';
import { fedInputs } from '../../lib/ir/nodes.js';
import { prefixed } from '../../lib/ir/prefix.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { withSession } from '../../lib/runtime/session.js';
import type { Results } from '../../test/support/results.js';

/** A model that waits for its results. */
interface Request {
  readonly model: Model;
  readonly bytes: Uint8Array;
  resolve(results: Results): void;
  reject(error: unknown): void;
}

const keyOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** Up to IR 3 initializers are inputs, so that two graphs cannot share theirs; functions of one name are one function. */
const canStandBeside = ({ irVersion, functions }: Model): boolean => irVersion > 3 && functions.length === 0;

const compute = (bytes: Uint8Array, label: string, feeds: Results): Promise<Results> =>
  withSession(bytes, { label, lean: true, threads: 1 }, (session) => session.run(feeds));

const prefixOf = (index: number): string => `m${index}/`;

/** All models in one, with common inputs; the outputs of each begin with its prefix. */
function together(models: readonly Model[], inputs: Model['graph']['inputs']): Model {
  const [first] = models as readonly [Model];
  const graphs = models.map(({ graph }, i) => {
    const names = fedInputs(graph).map(({ name }, k) => [name, inputs[k]?.name ?? ''] as const);
    return prefixed(graph, prefixOf(i), new Map(names));
  });
  const graph = {
    ...first.graph,
    inputs,
    nodes: graphs.flatMap((each) => each.nodes),
    outputs: graphs.flatMap((each) => each.outputs),
    valueInfo: graphs.flatMap((each) => each.valueInfo),
    initializers: new Map(graphs.flatMap((each) => [...each.initializers])),
  };
  // What was inlined may have left the domain of its functions.
  const opsets = new Map(models.flatMap((each) => [...each.opsets]));
  return { ...first, opsets, irVersion: Math.max(...models.map(({ irVersion }) => irVersion)), graph };
}

export class Runs {
  private readonly known = new Map<string, Promise<Results>>();
  private waiting: Request[] = [];

  constructor(
    private readonly inputs: Model['graph']['inputs'],
    private readonly feeds: Results,
  ) {}

  /** Verifies, encodes and runs a model. What has run already, byte for byte, is not run again. */
  run(model: Model): Promise<Results> {
    verifyModel(model);
    const bytes = encodeModel(model);
    const key = keyOf(bytes);
    const results = this.known.get(key) ?? this.ask(model, bytes);
    this.known.set(key, results);
    return results;
  }

  private ask(model: Model, bytes: Uint8Array): Promise<Results> {
    if (this.waiting.length === 0) setImmediate(() => this.flush());
    return new Promise((resolve, reject) => this.waiting.push({ model, bytes, resolve, reject }));
  }

  private async flush(): Promise<void> {
    const all = this.waiting;
    this.waiting = [];
    const beside = all.filter(({ model }) => canStandBeside(model));
    const done = beside.length > 1 && (await this.runTogether(beside));
    for (const each of done ? all.filter(({ model }) => !canStandBeside(model)) : all) await this.runAlone(each);
  }

  /** Answers whether it worked. */
  private async runTogether(requests: readonly Request[]): Promise<boolean> {
    try {
      const model = together(
        requests.map((each) => each.model),
        this.inputs,
      );
      const results = await compute(encodeModel(model), 'several models', this.feeds);
      const of = requests.map((each, i) => this.resultsOf(each.model, prefixOf(i), results));
      requests.forEach((each, i) => {
        each.resolve(of[i] as Results);
      });
      return true;
    } catch {
      return false;
    }
  }

  private resultsOf({ graph }: Model, prefix: string, results: Results): Results {
    return new Map(
      graph.outputs.map(({ name }) => {
        const found = results.get(prefix + name);
        if (!found) throw new Error(`no output ${prefix}${name}`);
        return [name, found] as const;
      }),
    );
  }

  private async runAlone({ model, bytes, resolve, reject }: Request): Promise<void> {
    // Inputs may have other names, and stand in the same order.
    const arrays = [...this.feeds.values()];
    const feeds = fedInputs(model.graph).flatMap(({ name }, i) => (arrays[i] ? [[name, arrays[i]] as const] : []));
    await compute(bytes, model.label, new Map(feeds)).then(resolve, reject);
  }
}
