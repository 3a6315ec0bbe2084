/** Operators that neurons are not followed through: each says why, fixes what it touches, and stands in the way of a fusion. */
import { expect, test } from '@jest/globals';
import { findNeurons } from '../../../lib/analysis/neurons.js';
import type { Model } from '../../../lib/ir/model.js';
import { STRUCTURE_RULES } from '../../../lib/rules/structure/index.js';
import { REFUSALS } from '../../../lib/rules/structure/refused.js';
import { opKey } from '../../../lib/rules/table.js';
import { concat } from '../../../lib/transforms/concat.js';
import { build } from '../../support/build.js';
import { ONNX_OPERATORS } from '../operators.js';

/** x -> h: 8 neurons -> the operator -> y. What comes out of it has the shape that its exporter noted. */
function around(op: string, seed = 1): Model {
  const [name = '', domain = ''] = op.split('::').reverse();
  const model = build({
    label: `member ${seed}`,
    seed,
    opset: 28,
    domains: domain === '' ? {} : { [domain]: 1 },
    inputs: { x: ['batch', 6] },
    weights: { w1: [6, 8], w2: [8, 3] },
    nodes: ['h = MatMul(x, w1)', `a = ${domain === '' ? '' : `${domain}::`}${name}(h)`, 'y = MatMul(a, w2)'],
  });
  return { ...model, graph: { ...model.graph, valueInfo: [{ name: 'a', dtype: 1, shape: [4, 8] }] } };
}

test.each([...REFUSALS].flatMap(([op, rows]) => rows.map(({ rule }) => [op, rule] as const)))('%s', (op, why) => {
  const neurons = findNeurons(around(op));
  expect([...neurons.unsupported.values()]).toEqual([why]);
  expect(neurons.fixedWhy('w1', 1)).toBe(`${op} (makes "a"): ${why}`);
  expect(() => concat([around(op), around(op, 2)], { exact: false })).toThrow(
    expect.objectContaining({ code: 'OP_UNSUPPORTED', message: expect.stringContaining(why) }),
  );
});

test('every operator of ONNX has one answer', () => {
  const all = [...ONNX_OPERATORS].flatMap(([domain, names]) => names.map((name) => opKey(domain, name)));
  expect(all.filter((op) => !STRUCTURE_RULES.has(op) && !REFUSALS.has(op))).toEqual([]);
  expect([...REFUSALS.keys()].filter((op) => STRUCTURE_RULES.has(op))).toEqual([]);
});
