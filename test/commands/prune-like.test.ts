import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { foldAll } from '../../lib/commands/fold-constants.js';
import { loadMembers } from '../../lib/commands/load.js';
import { pruneLike } from '../../lib/commands/prune-like.js';
import { concat } from '../../lib/transforms/concat.js';
import { transplant } from '../../lib/transforms/transplant.js';

const ZOO = 'fixtures/zoo';
const SCORING = { importance: 'l2', scope: 'layer', seed: 0, allowNonfinite: false } as const;

/** Transplantation never makes the wide model; here it is made, and pruned. */
describe.each(readdirSync(ZOO))(
  '%s: the concatenation of members of two exporters, pruned to the widths of one',
  (name) => {
    test('keeps as many neurons of each member as a transplantation', async () => {
      const files = readdirSync(join(ZOO, name)).filter((file) => file.endsWith('.onnx'));
      const { models } = await foldAll(loadMembers(files.sort().map((file) => join(ZOO, name, file))));
      const wide = concat(models, { exact: false });
      const { groups } = await pruneLike(wide.model, { groups: wide.groups, scoring: SCORING }, {});
      const fused = transplant(models, { ...SCORING, strategy: 'joint', transfer: 1, exact: false });
      const wanted = fused.rankings[0]?.map(({ name: group, scores, kept, fromMember }) => ({
        name: group,
        candidates: scores.length,
        kept: kept.length,
        fromMember,
      }));
      expect(groups).toEqual(wanted);
      expect(groups.length).toBeGreaterThan(0);
    });
  },
);
