/** Every gradient rule by numbers: against central differences in double precision. */
import { describe, expect, test } from '@jest/globals';
import { GRADIENT_RULES } from '../../../lib/rules/gradient/index.js';
import { stop } from '../../../lib/rules/gradient/stops.js';
import { opKey, ruleFor } from '../../../lib/rules/table.js';
import { build } from '../../support/build.js';
import { expectGradients } from '../../support/gradients.js';
import { alongCases } from './along.js';
import { attentionCases } from './attention.js';
import { type GradientCase, valuesOf } from './case.js';
import { convolutionCases } from './convolution.js';
import { einsumCases } from './einsum.js';
import { elementwiseCases } from './elementwise.js';
import { joiningCases } from './joining.js';
import { linearCases } from './linear.js';
import { lossCases } from './losses.js';
import { normalisationCases } from './normalisation.js';
import { pickingCases } from './picking.js';
import { poolingCases } from './pooling.js';
import { recurrentCases } from './recurrent.js';
import { reductionCases } from './reductions.js';
import { resamplingCases } from './resampling.js';
import { shapingCases } from './shaping.js';
import { slicingCases } from './slicing.js';
import { softmaxCases } from './softmax.js';

const CASES: readonly GradientCase[] = [
  ...alongCases,
  ...attentionCases,
  ...einsumCases,
  ...elementwiseCases,
  ...joiningCases,
  ...linearCases,
  ...lossCases,
  ...normalisationCases,
  ...pickingCases,
  ...convolutionCases,
  ...poolingCases,
  ...recurrentCases,
  ...reductionCases,
  ...resamplingCases,
  ...shapingCases,
  ...slicingCases,
  ...softmaxCases,
];

const named = CASES.map((each) => [`${each.nodes.join('; ')} (opset ${each.opset ?? 17})`, each] as const);

describe('gradients are slopes', () => {
  test.each(named)('%s', (_, each) => expectGradients(each, valuesOf(each), each));
});

/** No stock runtime has these: test/training/generate holds them against the steps of Microsoft's. */
const ELSEWHERE: ReadonlySet<string> = new Set(['com.microsoft::BatchNormInternal']);

test('every rule has a case', () => {
  const used = new Set(
    CASES.flatMap((each) => {
      const { graph, opsets } = build(each);
      return graph.nodes.map((node) => {
        const rule = ruleFor(GRADIENT_RULES, node, opsets.get(node.domain) ?? 0);
        const op = opKey(node.domain, node.opType);
        return `${op} ${GRADIENT_RULES.get(op)?.findIndex((row) => row.rule === rule)}`;
      });
    }),
  );
  const rows = [...GRADIENT_RULES].flatMap(([op, all]) =>
    all.flatMap(({ rule }, index) => (rule === stop || ELSEWHERE.has(op) ? [] : [`${op} ${index}`])),
  );
  expect(rows.filter((row) => !used.has(row))).toEqual([]);
});
