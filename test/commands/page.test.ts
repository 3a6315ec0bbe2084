import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { diff } from '../../lib/commands/diff.js';
import { fuse } from '../../lib/commands/fuse.js';
import { inspect } from '../../lib/commands/inspect.js';
import { encodeModel } from '../../lib/onnx/write.js';
import type { PageData } from '../../lib/page/data.js';
import { build, buildGraph } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { refusal } from '../support/refused.js';
import { floats } from '../support/weights.js';

const folder = temporaryFolder();
const fixture = (name: string) => `fixtures/members/${name}.onnx`;
const [cnn0, cnn1] = [fixture('digits-cnn0'), fixture('digits-cnn1')];

/** What a written page shows. */
function pageAt(path: string): PageData {
  const [, json = ''] =
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(readFileSync(path, 'utf8')) ?? [];
  return (JSON.parse(json) as { data: PageData }).data;
}

const fused = folder.at('fused.onnx');

describe('a page of one model', () => {
  test('shows each node with its weights, and each value that flows', async () => {
    const { page } = await inspect(cnn0, { html: folder.at('cnn.html') });
    expect(page?.bytes).toBe(readFileSync(folder.at('cnn.html')).length);
    const { nodes, edges, members } = pageAt(folder.at('cnn.html'));
    const ops = nodes.filter(({ kind }) => kind === 'node').map(({ op }) => op);
    expect(ops).toEqual([
      'Conv',
      'BatchNormalization',
      'Relu',
      'MaxPool',
      'Conv',
      'BatchNormalization',
      'Relu',
      'Flatten',
      'Gemm',
    ]);
    // A chain: input, nine nodes, output.
    expect(edges.map(({ from, to }) => [from, to])).toEqual(nodes.slice(1).map((_, i) => [i, i + 1]));
    expect(members).toEqual([]);
    const weights = nodes.flatMap(({ tensors }) => tensors);
    expect(weights).toHaveLength(14);
    for (const { after, type } of weights) {
      const size = type.match(/\d+(?=[,\]])/g)?.reduce((product, dim) => product * Number(dim), 1);
      expect(after?.counts.reduce((sum, n) => sum + n, 0)).toBe(size);
    }
  });

  test('shows whose neurons each layer makes', async () => {
    const { steps } = await fuse([cnn0, cnn1], { output: fused });
    await inspect(fused, { html: folder.at('fused.html') });
    const { nodes, members } = pageAt(folder.at('fused.html'));
    expect(members).toEqual(['digits-cnn0.onnx', 'digits-cnn1.onnx']);
    const told = nodes
      .flatMap(({ neurons }) => neurons)
      .map(({ group, runs }) => ({
        name: group,
        fromMember: [0, 1].map((member) => runs.filter(([own]) => own === member).reduce((sum, [, n]) => sum + n, 0)),
      }));
    expect(told).toEqual(steps[0]?.map(({ name, fromMember }) => ({ name, fromMember })));
  });
});

describe('a page of two', () => {
  test('shows both graphs as one', async () => {
    await diff(cnn0, fixture('digits-cnn0-folded'), { html: folder.at('diff.html') });
    const { nodes, edges, verdict } = pageAt(folder.at('diff.html'));
    expect(verdict).toMatch(/^Same function, re-exported/);
    expect(nodes.map(({ change }) => change).filter((change) => change === 'removed')).toHaveLength(2);
    // Around each removed BatchNormalization two wires went and one came.
    expect(edges.filter(({ change }) => change === 'removed')).toHaveLength(4);
    expect(edges.filter(({ change }) => change === 'added')).toHaveLength(2);
    const pair = nodes.flatMap(({ tensors }) => tensors).find(({ before, after }) => before && after);
    expect([pair?.before?.low, pair?.before?.high]).toEqual([pair?.after?.low, pair?.after?.high]);
  });
});

test('what the branches of an If take flows into it, on both pages', async () => {
  const branch = (op: string) => buildGraph({ inputs: {}, nodes: [`t = ${op}(h)`], outputs: ['t'] });
  const model = build({
    inputs: { x: [2], 'c: bool': [] },
    nodes: ['h = Tanh(x)', 'y = If(c) {then_branch: @first, else_branch: @other}'],
    parts: { first: branch('Relu'), other: branch('Neg') },
  });
  const path = folder.put('if.onnx', encodeModel(model));
  await inspect(path, { html: folder.at('if.html') });
  await diff(path, path, { html: folder.at('if-diff.html') });
  for (const name of ['if.html', 'if-diff.html']) {
    const { nodes, edges } = pageAt(folder.at(name));
    const at = (op: string) => nodes.findIndex((node) => node.op === op);
    expect(edges.map(({ from, to }) => [from, to])).toContainEqual([at('Tanh'), at('If')]);
  }
});

test('NaN is not called infinite', async () => {
  const weights = { w: floats([Number.NaN, 1]) };
  const path = folder.put('nan.onnx', encodeModel(build({ inputs: { x: [2] }, weights, nodes: ['y = Add(x, w)'] })));
  await inspect(path, { html: folder.at('nan.html') });
  const lines = pageAt(folder.at('nan.html')).nodes.flatMap(({ tensors }) => tensors.flatMap((each) => each.lines));
  expect(lines.at(-1)).toBe('norm NaN, from NaN to NaN, mean NaN');
});

test('names of strangers are data', async () => {
  const name = '</script><script>alert(1)</script>';
  const hostile = build({ inputs: { x: ['n', 2] }, nodes: ['y = Relu(x)'] });
  const nodes = hostile.graph.nodes.map((node) => ({ ...node, name }));
  const path = folder.put('hostile.onnx', encodeModel({ ...hostile, graph: { ...hostile.graph, nodes } }));
  await inspect(path, { html: folder.at('hostile.html') });
  expect(readFileSync(folder.at('hostile.html'), 'utf8')).not.toContain(name);
  expect(pageAt(folder.at('hostile.html')).nodes.map((node) => node.name)).toContain(name);
});

test('where no page can go', async () => {
  await expect(inspect(cnn0, { html: folder.at('page.txt') })).rejects.toEqual(refusal('USAGE', '.html'));
  await expect(diff(cnn0, cnn1, { html: folder.at('missing/page.html') })).rejects.toEqual(refusal('OUTPUT_PATH'));
});
