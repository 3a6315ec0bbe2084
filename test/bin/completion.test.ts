import { describe, expect, test } from '@jest/globals';
import { parse } from '../../bin/parse.js';
import { member } from './program.js';

const completions = async (...words: string[]): Promise<readonly string[]> =>
  String(await parse(['--get-yargs-completions', 'onnx-transplant', ...words])).split('\n');

describe('what the shell completes', () => {
  test('commands', async () => {
    expect(await completions('')).toEqual(expect.arrayContaining(['fuse', 'concat', 'inspect', 'completion']));
  });

  test('options and their choices', async () => {
    expect(await completions('fuse', '--')).toEqual(expect.arrayContaining(['--method', '--transfer', '--output']));
    expect(await completions('fuse', 'a', '--method', '')).toEqual(['transplant', 'average', 'ensemble']);
  });

  test('nothing of its own where a file goes', async () => {
    expect(await completions('fuse', '')).toEqual(['']);
    expect(await completions('inspect', 'fix')).toEqual(['']);
  });

  test('names of weights behind --ignore', async () => {
    const names = ['conv1.weight', 'conv1.bias', 'conv2.weight', 'conv2.bias'];
    expect(await completions('prune', member('digits-cnn0'), '--ignore', 'conv')).toEqual(names);
    expect(await completions('prune', member('digits-cnn0'), '--ignore', 'conv1.bias', 'bn')).toContain('bn1.weight');
    expect(await completions('prune', 'no such file', '--ignore', 'conv')).toEqual(['']);
  });

  test('and behind --ratio-for, with what follows them', async () => {
    const names = ['conv1.weight=', 'conv1.bias=', 'conv2.weight=', 'conv2.bias='];
    expect(await completions('prune', member('digits-cnn0'), '--ratio-for', 'conv')).toEqual(names);
    expect(await completions('prune', member('digits-cnn0'), '--ratio-for', 'fc.weight=0.2', 'fc')).toEqual(
      expect.arrayContaining(['fc.weight=']),
    );
  });

  test('names of parameters behind --train and --freeze', async () => {
    const [model, names] = [member('digits-mlp0'), ['fc2.weight', 'fc2.bias']];
    expect(await completions('train', model, '--freeze', 'fc2')).toEqual(names);
    expect(await completions('distill', model, '--train', 'fc1.bias', 'fc2')).toEqual(names);
    expect(await completions('train', '--freeze', 'fc2')).toEqual(['']);
  });

  test('choices of a training', async () => {
    expect(await completions('train', 'm', '--loss', '')).toEqual(['cross-entropy', 'bce', 'mse', 'l1']);
    expect(await completions('train', '--')).toEqual(expect.arrayContaining(['--check', '--history', '--eval-data']));
  });

  test('execution providers', async () => {
    expect(await completions('doctor', '--ep', '')).toEqual(expect.arrayContaining(['cpu', 'cuda', 'webgpu']));
    expect(await completions('doctor', '--')).toEqual(expect.arrayContaining(['--ep', '--timeout', '--json']));
  });

  test('a script for the shell', async () => {
    expect(await parse(['completion'])).toMatch(/onnx-transplant --get-yargs-completions/);
  });
});
