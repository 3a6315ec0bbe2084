/** Every shape rule against what ONNX Runtime returns: shapes, types, and the integers that are known beforehand. */
import { describe, expect, test } from '@jest/globals';
import { inferShapes } from '../../../lib/analysis/shapes.js';
import { type Dim, isSymbolic, shapeText } from '../../../lib/ir/dim.js';
import type { Model } from '../../../lib/ir/model.js';
import { type NdArray, toReals } from '../../../lib/ir/ndarray.js';
import { allBytes } from '../../../lib/ir/numeric.js';
import { seeded } from '../../../lib/ir/random.js';
import { SHAPE_RULES } from '../../../lib/rules/shape/index.js';
import type { Facts } from '../../../lib/rules/shape/rule.js';
import { opKey, ruleFor } from '../../../lib/rules/table.js';
import { build } from '../../support/build.js';
import { feedsFor, type Results, runModel } from '../../support/run.js';
import { attentionCases } from './attention.js';
import type { ShapeCase } from './case.js';
import { constantCases } from './constants.js';
import { controlCases } from './control.js';
import { elementwiseCases } from './elementwise.js';
import { indexingCases } from './indexing.js';
import { linearCases } from './linear.js';
import { lossCases } from './losses.js';
import { movingCases } from './moving.js';
import { pixelCases } from './pixel.js';
import { quantisedCases } from './quantised.js';
import { recurrentCases } from './recurrent.js';
import { spatialCases } from './spatial.js';

const CASES = [
  ...attentionCases,
  ...constantCases,
  ...controlCases,
  ...elementwiseCases,
  ...indexingCases,
  ...linearCases,
  ...lossCases,
  ...movingCases,
  ...pixelCases,
  ...quantisedCases,
  ...recurrentCases,
  ...spatialCases,
];

const SIZES = new Map([
  ['batch', 2],
  ['h', 8],
]);

/** The model with every value an output of no noted type or shape. */
function exposed(each: ShapeCase): Model {
  const model = build(each);
  const names = model.graph.nodes.flatMap((node) => node.outputs);
  const outputs = names.map((name) => ({ name, dtype: undefined, shape: undefined }));
  return { ...model, graph: { ...model.graph, outputs } };
}

function feeds(model: Model, each: ShapeCase): Results {
  const given = Object.entries(each.feeds ?? {}).map(([name, weight]): [string, NdArray] => {
    const { dtype, dims, data } = weight(name, seeded(1));
    const bytes = data ? allBytes(data) : new Uint8Array(0);
    return [name, { dtype, dims, data: new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8) }];
  });
  return new Map([...feedsFor(model, { sizes: SIZES }), ...given]);
}

/** A length with its symbols filled in; unknown ones stay text. */
function filled(dim: Dim): number | string {
  if (!isSymbolic(dim)) return dim;
  const sizes = dim.symbols.map((name) => SIZES.get(name));
  if (sizes.includes(undefined)) return 'open';
  return (sizes as number[]).reduce((a, b) => a * b, dim.coefficient);
}

/** What we say of a value, with open lengths taken from the result where they are allowed. */
function said(facts: Facts | undefined, result: NdArray, mayBeOpen: boolean) {
  const dims = facts?.shape?.map(filled).map((dim, axis) => (dim === 'open' && mayBeOpen ? result.dims[axis] : dim));
  return { dtype: facts?.dtype, dims, ...(facts?.content && { content: facts.content.map(filled) }) };
}

const seen = (name: string, result: NdArray, facts: Facts | undefined) => ({
  dtype: result.dtype,
  dims: [...result.dims],
  // Open ends lie beyond the exact integers.
  ...(facts?.content && { content: [...toReals(result, name)].map((at) => Math.min(at, Number.MAX_SAFE_INTEGER)) }),
});

describe('what we infer is what ONNX Runtime returns', () => {
  test.each(CASES.map((each) => [`${each.nodes.join('; ')} (opset ${each.opset ?? 17})`, each] as const))(
    '%s',
    async (_, each) => {
      const model = exposed(each);
      const facts = inferShapes(model);
      for (const [name, result] of await runModel(model, feeds(model, each))) {
        const ours = facts.get(name);
        const open = each.open?.includes(name) ?? false;
        expect([name, said(ours, result, open)]).toEqual([name, seen(name, result, ours)]);
        if (open) expect(shapeText(ours?.shape)).toContain('?');
      }
    },
  );
});

test('every rule has a case', () => {
  const used = new Set(
    CASES.flatMap((each) => {
      const { graph, opsets } = build(each);
      return graph.nodes.map((node) => {
        const rule = ruleFor(SHAPE_RULES, node, opsets.get(node.domain) ?? 0);
        const op = opKey(node.domain, node.opType);
        return `${op} ${SHAPE_RULES.get(op)?.findIndex((row) => row.rule === rule)}`;
      });
    }),
  );
  const rows = [...SHAPE_RULES].flatMap(([op, all]) => all.map((_, index) => `${op} ${index}`));
  expect(rows.filter((row) => !used.has(row))).toEqual([]);
});
