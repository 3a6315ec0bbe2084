import { describe, expect, test } from '@jest/globals';
import { numbersOf, seedOf } from '../../bin/options.js';
import { parse } from '../../bin/parse.js';

const words = (line: string): readonly string[] =>
  line === '' ? [] : line.split(' ').map((word) => (word === "''" ? '' : word));

describe('what cannot be meant is refused with the next step', () => {
  test.each([
    // words, message, advice
    ['', /no command/, /--help/],
    ['fus', /no command "fus"/, /Did you mean onnx-transplant fuse\?/],
    ['insepct m.onnx', /no command "insepct"/, /inspect\?/],
    ['m.onnx', /no command "m.onnx"/, /--help/],
    ['--ratio 1', /no command/, /--help/],
    ['fuse', /fuse needs a model/, /fuse MODEL\.\. -o OUT/],
    ['inspect', /inspect needs a model/, /inspect MODEL\./],
    ['doctor m.onnx', /takes no model; "m.onnx"/, /onnx-transplant doctor\./],
    ['doctor -- m.onnx', /takes no model; "m.onnx"/, /onnx-transplant doctor\./],
    ['doctro', /no command "doctro"/, /doctor\?/],
    ['prune a b', /takes one model; "b"/, /prune MODEL -o OUT/],
    ['inspect a -- b', /takes one model; "b"/, /inspect MODEL/],
    ["inspect ''", /empty/, /inspect MODEL/],
    ['fuse a b --ratoi 0.5', /no option "--ratoi"/, /--ratio\?/],
    ['fuse a b --inplace', /no option "--inplace"/, /--in-place\?/],
    ['fuse a b --zzzzzz', /no option "--zzzzzz"/, /--help/],
    ['inspect a --ratio 0.5', /no option "--ratio"/, /--help/],
    ['fuse a b -x', /no option "-x"/, /--help/],
    ['fuse a b --no-foo', /no option "--foo"/, /--help/],
    ['fuse a b --a.b 3', /no option "--a.b"/, /--help/],
    ['fuse a b --constructor', /no option "--constructor"/, /--help/],
    ['fuse a b --__proto__=1', /no option "--__proto__"/, /--help/],
    ['fuse a b --no-hasOwnProperty', /no option "--hasOwnProperty"/, /--help/],
    ['fuse a b --ratio x', /--ratio takes a number/, /--help/],
    ['fuse a b --ratio 1,5', /--ratio takes a number/, /--help/],
    ['fuse a b --ratio', /ratio needs a value/, /--help/],
    ['fuse a b --ratio=', /ratio needs a value/, /--help/],
    ["fuse a b --ratio ''", /empty/, /fuse MODEL/],
    ['fuse a b -o', /-o needs a value/, /--help/],
    ['fuse a b -o --dry-run', /-o needs a value/, /--help/],
    ['fuse a b --method=', /--method cannot be ""/, /transplant, average, ensemble/],
    ['fuse a b --method transplnt', /--method cannot be "transplnt"/, /mean transplant\?/],
    ['fuse a b --method ot', /--method cannot be "ot"/, /transplant, average, ensemble/],
    ['fuse a b --ratio 0.5 --ratio 0.6', /--ratio is given twice/, /once/],
    ['fuse a b -o x -o y', /--output is given twice/, /once/],
    ['fuse a b -o x --output y', /--output is given twice/, /once/],
    ['fuse a b --method average --method average', /--method is given twice/, /once/],
    ['fuse a b --dry-run=maybe', /--dry-run takes no value/, /alone/],
    ['fuse a b --no-validate=false', /--no-validate takes no value/, /alone/],
    ['inspect a --size', /size needs a value/, /--help/],
    ['prune a --ignore', /ignore needs a value/, /--help/],
  ])('%s', async (line, message, advice) => {
    await expect(parse(words(line))).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
      advice: expect.stringMatching(advice),
    });
  });
});

describe('what is meant', () => {
  test.each([
    ['fuse a b -o c', { models: ['a', 'b'], given: { output: 'c' } }],
    ['fuse -o c a --ratio 0.5 b', { models: ['a', 'b'], given: { ratio: 0.5, output: 'c' } }],
    ['fuse a -- -b --json', { models: ['a', '-b', '--json'], given: {} }],
    ['inspect 0x12', { models: ['0x12'], given: {} }],
    ['prune a --ratio 0.5 --ignore x y --ignore z', { models: ['a'], given: { ignore: ['x', 'y', 'z'] } }],
    ['concat a b --no-validate', { models: ['a', 'b'], given: { validate: false } }],
    ['concat a b --no-external-data', { given: { 'external-data': false } }],
    ['concat a b --external-data', { given: { 'external-data': true } }],
    ['validate a --against b c', { models: ['a'], given: { against: ['b', 'c'] } }],
    ['doctor', { models: [], given: {} }],
    ['doctor --ep cuda webgpu --json', { models: [], given: { ep: ['cuda', 'webgpu'], json: true } }],
    ['fuse a b --weights -1,2', { given: { weights: '-1,2' } }],
  ])('%s', async (line, request) => {
    expect(await parse(words(line))).toMatchObject(request);
  });

  test('options that are left out are not there, so that the library sets the defaults', async () => {
    const request = await parse(['fuse', 'a', 'b']);
    expect(typeof request === 'string' ? [] : Object.keys(request.given).sort()).toEqual(['$0', 'MODEL', '_']);
  });
});

describe('numbers in a row', () => {
  test('are read', () => {
    expect(numbersOf('weights', '1, .5,2e1')).toEqual([1, 0.5, 20]);
    expect(numbersOf('weights', undefined)).toBeUndefined();
  });

  test.each(['1,', '1,x', '1;2', 'Infinity', ''])('%j is refused', (text) => {
    expect(() => numbersOf('weights', text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

test.each([-1, 1.5, Number.NaN, 2 ** 60])('the seed %d is refused', (seed) => {
  expect(() => seedOf(seed)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
