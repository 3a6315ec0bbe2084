import { describe, expect, test } from '@jest/globals';
import { makersOf } from '../../lib/commands/trace-graph.js';
import { type Observed, runsOf, type Traced } from '../../lib/commands/trace-runs.js';
import { search } from '../../lib/commands/trace-search.js';
import { FLOAT } from '../../lib/ir/dtype.js';
import { ndarray } from '../../lib/ir/ndarray.js';
import { tallyOf } from '../../lib/runtime/tally.js';
import { build } from '../support/build.js';

const GIB = 2 ** 30;

const observed = (error: number): Observed => {
  const [a, b] = [error, 0].map((value) => ndarray(FLOAT, [1], Float32Array.of(value)));
  if (!a || !b) throw new Error('two arrays');
  return { dtype: FLOAT, tally: tallyOf('v', a, b, { atol: 0.5, rtol: 0 }) };
};

/** Searches a graph whose values take `bytes` each, all of which fail that depend on `broken`; counts what was looked at. */
async function searched(nodes: readonly string[], broken: readonly string[], bytes: number) {
  const { graph } = build({ inputs: { x: [1] }, nodes });
  const bad = new Set(broken);
  for (const node of graph.nodes) {
    if (node.inputs.some((name) => bad.has(name))) for (const name of node.outputs) bad.add(name);
  }
  const values = graph.nodes.flatMap(({ outputs }) =>
    outputs.map((value): Traced => ({ value, counterpart: value, bytes })),
  );
  let looked = 0;
  const known = await search(values, makersOf(graph), async (some) => {
    looked += some.length;
    return new Map(some.map(({ value }) => [value, observed(bad.has(value) ? 1 : 0)]));
  });
  const fails = (name: string) => (known.get(name)?.tally.mismatches ?? 0) > 0;
  const first = values.find(({ value }) => fails(value))?.value;
  const maker = graph.nodes.find(({ outputs }) => outputs.includes(first ?? ''));
  const inputsAgree = maker?.inputs.every((name) => name === 'x' || (known.has(name) && !fails(name)));
  return { first, inputsAgree, looked };
}

const chain = (length: number): readonly string[] =>
  Array.from({ length }, (_, i) => `v${i} = Relu(${i === 0 ? 'x' : `v${i - 1}`})`);

describe('a search', () => {
  test('of a small model looks at everything', async () => {
    expect(await searched(chain(20), ['v7'], 1000)).toEqual({ first: 'v7', inputsAgree: true, looked: 20 });
  });

  test.each([0, 1, 777, 2998, 2999])('of a large chain finds the break at %d in few looks', async (at) => {
    const { first, inputsAgree, looked } = await searched(chain(3000), [`v${at}`], GIB);
    expect({ first, inputsAgree }).toEqual({ first: `v${at}`, inputsAgree: true });
    expect(looked).toBeLessThan(200);
  });

  test('of two branches finds the one that breaks, whichever stands first', async () => {
    const branch = (name: string) =>
      Array.from({ length: 400 }, (_, i) => `${name}${i} = Relu(${i === 0 ? 'x' : `${name}${i - 1}`})`);
    const nodes = [...branch('a'), ...branch('b'), 'y = Add(a399, b399)'];
    for (const broken of ['a123', 'b321', 'y']) {
      expect(await searched(nodes, [broken], GIB)).toMatchObject({ first: broken, inputsAgree: true });
    }
  });

  test('of what agrees ends after one look', async () => {
    expect(await searched(chain(3000), [], GIB)).toEqual({ first: undefined, inputsAgree: undefined, looked: 48 });
  });
});

test('runs hold as much as fits, and what is too large alone', () => {
  const values = [30, 30, 30, 100, 10, 50].map((mib, i): Traced => {
    return { value: `v${i}`, counterpart: '', bytes: mib * 2 ** 20 };
  });
  expect(runsOf(values).map((run) => run.map(({ value }) => value).join(' '))).toEqual(['v0 v1', 'v2', 'v3', 'v4 v5']);
});
