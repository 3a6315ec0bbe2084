import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as api from '../lib/index.js';

test('what the package exports', () => {
  expect(Object.keys(api).sort()).toEqual([
    'ERROR_CODES',
    'TrainingSession',
    'TransplantError',
    'average',
    'checkTraining',
    'concat',
    'diff',
    'distill',
    'doctor',
    'encodeCheckpoint',
    'encodeModel',
    'ensemble',
    'evaluate',
    'findNeurons',
    'foldConstants',
    'fuse',
    'generateArtifacts',
    'inspect',
    'loadArtifacts',
    'parseCheckpoint',
    'parseModel',
    'prune',
    'readArtifacts',
    'readModel',
    'train',
    'transplant',
    'validate',
    'verifyModel',
    'writeArtifacts',
    'writeModel',
  ]);
});

/** `export { a, type B } from './c.js'` as pairs of name and source file. */
const exported = [
  ...readFileSync('lib/index.ts', 'utf8').matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([^']+)\.js'/g),
].flatMap(([, names = '', file = '']) =>
  names
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '')
    .map((name) => [name, `lib/${file}.ts`] as const),
);

describe('every export has a docstring', () => {
  test.each(exported)('%s', (name, file) => {
    const source = readFileSync(file, 'utf8');
    const at = source.search(new RegExp(`^export (?:async )?(?:function|const|interface|type|class) ${name}\\b`, 'm'));
    expect(at).toBeGreaterThanOrEqual(0);
    expect(source.slice(0, at).trimEnd()).toMatch(/\*\/$/);
  });
});
