/** Pages to measure and to look at: made by the commands of model files, and one with all that a page can show. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diff } from '../../lib/commands/diff.js';
import { fuse } from '../../lib/commands/fuse.js';
import { inspect } from '../../lib/commands/inspect.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import { FLOAT } from '../../lib/ir/dtype.js';
import { makeNode } from '../../lib/ir/edit.js';
import type { Model, Node, Tensor } from '../../lib/ir/model.js';
import { writeModel } from '../../lib/onnx/write.js';
import type { Change, PageData, PageNode } from '../../lib/page/data.js';
import type { PageContent } from '../../lib/page/page.js';

/** A name that would run if a page read it as HTML. */
export const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(1)>';

/** What a page that was written shows. */
export function contentOf(html: string): PageContent {
  const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(json) as PageContent;
}

/** `inspect --html` of a model. */
export async function inspected(path: string, html: string): Promise<PageData> {
  await inspect(path, { html });
  return contentOf(readFileSync(html, 'utf8')).data;
}

/** `diff --html` of two models. */
export async function compared(before: string, after: string, html: string): Promise<PageData> {
  await diff(before, after, { html });
  return contentOf(readFileSync(html, 'utf8')).data;
}

/** `inspect --html` of a fusion. */
export async function fusedPage(members: readonly string[], folder: string, html: string): Promise<PageData> {
  const output = join(folder, 'fused.onnx');
  await fuse(members, { output });
  return inspected(output, html);
}

const WIDTH = 4;

const weight = (name: string): Tensor => ({
  name,
  dtype: FLOAT,
  dims: [WIDTH, WIDTH, 3, 3],
  data: memoryBytes(new Uint8Array(Float32Array.from({ length: WIDTH * WIDTH * 9 }, (_, i) => Math.sin(i)).buffer)),
});

/** Convolutions with a link over every third node and some long links: what a deep network looks like. */
export function deepModel(count: number): Model {
  const padded = new Map([['pads', { type: 'ints', value: [1, 1, 1, 1] } as const]]);
  const value = (i: number) => (i < 0 ? 'x' : `v${i}`);
  const weights = new Map<string, Tensor>();
  const nodes = Array.from({ length: count }, (_, i): Node => {
    const [from, to] = [value(i - 1), value(i)];
    if (i % 97 === 96) return makeNode('Add', [from, value(i - 90)], [to]);
    if (i % 4 === 3) return makeNode('Add', [from, value(i - 4)], [to]);
    if (i % 4 !== 0) return makeNode(i % 4 === 1 ? 'Relu' : 'Sigmoid', [from], [to]);
    weights.set(`w${i}`, weight(`w${i}`));
    return makeNode('Conv', [from, `w${i}`], [to], padded);
  });
  const shape = [1, WIDTH, 8, 8];
  return {
    label: `deep-${count}`,
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: '',
    graph: {
      name: 'deep',
      nodes,
      inputs: [{ name: 'x', dtype: FLOAT, shape }],
      outputs: [{ name: value(count - 1), dtype: FLOAT, shape }],
      valueInfo: [],
      initializers: weights,
      sparseInitializers: [],
    },
    functions: [],
    metadata: new Map(),
  };
}

/** `inspect --html` of such a network. */
export async function deepPage(count: number, folder: string, html: string): Promise<PageData> {
  const path = join(folder, `deep-${count}.onnx`);
  await writeModel(deepModel(count), path);
  return inspected(path, html);
}

const CHANGES: readonly Change[] = ['changed', 'same', 'added', 'moved', 'removed', 'renamed', 'same', 'same'];

/** The same page with changes and neurons made up, so that all that a page can show is on it, and one hostile name. */
export function made(page: PageData, members: readonly string[]): PageData {
  const nodes = page.nodes.map((node, i): PageNode => {
    const change = node.kind === 'node' ? (CHANGES[i % CHANGES.length] ?? 'same') : 'same';
    const width = Number(node.detail.split('\u00d7')[0]) || 0;
    const part = Math.floor(width / members.length);
    const runs = members.map((_, m) => [m, m === 0 ? width - part * (members.length - 1) : part] as const);
    const mixed = runs.flatMap(([m, count]) => [
      [m, Math.ceil(count / 2)] as const,
      [(m + 1) % members.length, Math.floor(count / 2)] as const,
    ]);
    const kernel = node.attributes.map((attribute, k) => ({
      ...attribute,
      before: k === 0 ? '1, 1' : attribute.after,
    }));
    return {
      ...node,
      name: i === 2 ? HOSTILE : node.name,
      change,
      notes: change === 'same' ? [] : [`${change}: an example of a note, with <b>markup</b> that stays text`],
      attributes: kernel,
      neurons: node.tensors.length > 0 && width > 1 ? [{ group: `${node.name || node.op}.weight`, runs: mixed }] : [],
    };
  });
  const edges = page.edges.map((edge, i) => ({ ...edge, change: i % 7 === 3 ? ('added' as const) : edge.change }));
  const verdict = 'They differ: 40% of the nodes changed, and the weights moved by 3.1% of their norm.';
  return { ...page, title: `a.onnx \u2192 ${page.title}`, verdict, members, nodes, edges };
}
