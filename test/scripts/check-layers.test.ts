import { describe, expect, test } from '@jest/globals';
import { importsOf, violationsOf } from '../../scripts/check-layers.js';

describe('importsOf', () => {
  test('finds every form of import, and none in comments', () => {
    const source = [
      "import { a } from './a.js';",
      "import type { B } from '../b.js';",
      "import {\n  c,\n  d,\n} from 'c';",
      "import 'd';",
      "export { e } from './e.js';",
      "const f = await import('f');",
      "/** import x from 'x'; */",
      "// import y from 'y';",
    ].join('\n');
    expect(importsOf(source)).toEqual(['./a.js', '../b.js', 'c', 'd', './e.js', 'f']);
  });
});

describe('violationsOf', () => {
  test.each([
    ['lib/ir/walk.ts', "import { intOf } from './nodes.js';"],
    ['lib/rules/shape/conv.ts', "import type { Node } from '../../ir/model.js';"],
    ['lib/onnx/file.ts', "import { open } from 'node:fs/promises';"],
    ['lib/runtime/session.ts', "import { InferenceSession } from 'onnxruntime-node';"],
    ['lib/commands/fuse.ts', "import { concat } from '../transforms/concat.js';"],
    ['bin/onnx-transplant.ts', "import yargs from 'yargs/yargs';\nimport { fuse } from '../lib/commands/fuse.js';"],
    ['lib/errors.ts', 'throw new Error(message);'],
  ])('%s may', (path, source) => {
    expect(violationsOf(path, source)).toEqual([]);
  });

  test.each([
    ['lib/ir/walk.ts', "import { conv } from '../rules/shape/conv.js';", 'ir must not import rules'],
    ['lib/rules/a.ts', "import { readFileSync } from 'node:fs';", 'rules must not import the package node:fs'],
    ['lib/runtime/a.ts', "import { openDataset } from '../data/dataset.js';", 'runtime must not import data'],
    ['lib/commands/a.ts', "import * as ort from 'onnxruntime-node';", 'must not import the package onnxruntime-node'],
    ['lib/transforms/a.ts', "import { main } from '../../bin/main.js';", 'transforms must not import bin'],
    ['lib/onnx/a.ts', "throw new Error('no');", 'makes an error by itself'],
    ['lib/onnx/a.ts', 'const error = new RangeError(x);', 'makes an error by itself'],
    ['lib/onnx/a.ts', '\n'.repeat(401), 'has 401 lines'],
    ['lib/misc/a.ts', '', 'lies in no known layer'],
  ])('%s may not: %s', (path, source, message) => {
    expect(violationsOf(path, source).join()).toContain(message);
  });

  test('a table may be long when it says that it is one', () => {
    expect(violationsOf('lib/onnx/schema.ts', `/** Table: all fields. */${'\n'.repeat(500)}`)).toEqual([]);
  });
});
