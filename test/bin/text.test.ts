import { describe, expect, test } from '@jest/globals';
import { progressText } from '../../bin/progress.js';
import { PLAIN, styleFor } from '../../bin/style.js';
import { closest } from '../../bin/suggest.js';
import { healthLines } from '../../bin/text/health.js';
import { costLines } from '../../bin/text/nodes.js';
import { recipeLines } from '../../bin/text/recipe.js';
import { bare, shortened, table, wrapped } from '../../bin/text/table.js';
import { bytes, count, counted, digits, seconds } from '../../bin/text/units.js';

test('a table', () => {
  const columns = [{ head: 'group' }, { head: 'kept', right: true }];
  expect(
    table(
      columns,
      [
        ['conv1', '6'],
        ['a long one', '120'],
      ],
      80,
    ),
  ).toEqual(['group       kept', 'conv1          6', 'a long one   120']);
});

test('a table of more rows than a call has room for', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [`v${i}`]);
  expect(table([{ head: 'node' }], rows, 80)).toHaveLength(rows.length + 1);
});

describe('the costs of nodes', () => {
  const name = (i: number) => `/layer.${i}/attention/MatMul`;
  const nodes = [1, 20].map((i) => ({
    name: name(i),
    op: 'LayerNormalization',
    outputs: [`y${i}`],
    shape: ['batch', 'sequence', 'sequence', 32],
    macs: 2 ** 30 * i,
    bytes: 123_456,
    parameters: 1_000_000,
  }));
  const linesAt = (width: number) => costLines(nodes, null, { width, style: PLAIN });

  test('with all columns where there is room', () => {
    expect(linesAt(200).join('\n')).toMatch(/output .*share/);
    expect(linesAt(200).join('\n')).not.toMatch(/narrow/);
  });

  test('fit a narrow terminal: names stay readable, and what is left out is told', () => {
    const lines = linesAt(80);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.join('\n')).toMatch(/too narrow for output/);
    expect(lines[2]?.slice(0, 24)).not.toBe(lines[3]?.slice(0, 24));
  });
});

test('nothing is said of neurons that could not be found', () => {
  const health = { nonfinite: [], extreme: [], variances: [], dead: [], unread: [], duplicates: [] };
  const page = { width: 80, style: PLAIN };
  expect(healthLines(health, true, page).join()).toMatch(/no neuron is dead/);
  expect(healthLines(health, false, page).join()).not.toMatch(/no neuron/);
});

test('a table that is too wide cuts its first column', () => {
  const rows = [['/model/layers.17/attention/MatMul', '120']];
  const [line = ''] = table([{}, { right: true }], rows, 20);
  expect(line).toHaveLength(20);
  expect(line).toMatch(/^\/model.*….*MatMul {2}120$/);
});

test('long texts', () => {
  expect(shortened('abcdefgh', 5)).toBe('ab…gh');
  expect(shortened('abc', 5)).toBe('abc');
  expect(wrapped('one two three four', 9, '- ', '  ')).toEqual(['- one two', '  three', '  four']);
  expect(wrapped('unbreakable', 4, '  ', '  ')).toEqual(['  unbreakable']);
});

test('names from files are safe to print', () => {
  expect(bare('conv1.weight')).toBe('conv1.weight');
  expect(bare('a"b')).toBe('a"b');
  expect(bare('\u001b[31mred\n')).toBe('\\u001b[31mred\\n');
  expect(bare('a\ufeffb\u2060c\u00add\u061c')).toBe('a\\ufeffb\\u2060c\\u00add\\u061c');
  expect(bare('')).toBe('""');
});

test('numbers', () => {
  expect([count(62006), counted(1, 'group'), counted(3, 'group'), counted(0, 'match', 'matches')]).toEqual([
    '62,006',
    '1 group',
    '3 groups',
    '0 matches',
  ]);
  expect([0, 999, 1000, 250_260, 1.25e9].map(bytes)).toEqual(['0 bytes', '999 bytes', '1.0 kB', '250.3 kB', '1.3 GB']);
  expect([0.314, 12.3].map(seconds)).toEqual(['0.31 s', '12 s']);
  expect([0, 1.23456, 1.9073e-6, 0.001].map((value) => digits(value))).toEqual(['0', '1.235', '1.907e-6', '0.001']);
  expect(digits(Number.POSITIVE_INFINITY)).toBe('infinite');
});

describe('the nearest word', () => {
  const words = ['fuse', 'concat', 'prune', 'in-place', 'importance'];
  test.each([
    ['fus', 'fuse'],
    ['ufse', 'fuse'],
    ['FUSE', 'fuse'],
    ['inplace', 'in-place'],
    ['imp', 'importance'],
    ['xyz', undefined],
    ['', undefined],
    ['f'.repeat(1000), undefined],
  ])('to %j is %j', (word, near) => {
    expect(closest(word, words)).toBe(near);
  });
});

test('a line of progress fits its terminal', () => {
  expect(progressText({ stage: 'reading', done: 0, total: 2 }, 80)).toBe('reading');
  expect(progressText({ stage: 'writing', done: 1, total: 2 }, 80)).toBe('writing  ############------------  50 %');
  expect(progressText({ stage: 'x'.repeat(100), done: 1, total: 2 }, 80).length).toBeLessThan(80);
});

describe('colours', () => {
  const terminal = { isTTY: true };
  test.each([
    ['on a terminal', terminal, {}, true],
    ['with NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['on a dumb terminal', terminal, { TERM: 'dumb' }, false],
    ['in a pipe', {}, {}, false],
  ])('%s: %j', (_, stream, env, coloured) => {
    expect(styleFor(stream, env) !== PLAIN).toBe(coloured);
  });
});

test('a recipe as people read it, another text as it is', () => {
  const recipe = {
    tool: 'onnx-transplant 0.1.0',
    command: 'fuse',
    options: { method: 'transplant', seed: 0 },
    inputs: [{ name: 'a.onnx', sha256: ['0123456789abcdef'] }],
  };
  expect(recipeLines(recipe)).toEqual([
    'fuse of a.onnx (sha256 0123456789ab..), by onnx-transplant 0.1.0',
    'method transplant, seed 0',
  ]);
  expect(recipeLines('mixed\n')).toEqual(['mixed\\n']);
  expect(recipeLines({ tool: 1, command: null, options: null, inputs: 3 })[0]).toContain('"inputs":3');
});
