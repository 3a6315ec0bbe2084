import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { COMMANDS } from '../../bin/commands/index.js';
import { temporaryFolder } from '../support/folder.js';
import { member, run } from './program.js';

const FOLDER = 'docs/schemas';
const folder = temporaryFolder();
const [cnn0, cnn1, mlp0, mlp1] = ['digits-cnn0', 'digits-cnn1', 'digits-mlp0', 'digits-mlp1'].map(member) as [
  string,
  string,
  string,
  string,
];
const digits = ['--data', 'fixtures/data/digits', '--samples', '32'];
const short = [...digits, '--epochs', '1', '--batch', '16'];

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
const schemas = new Map(
  readdirSync(FOLDER).map((file) => [
    file.replace('.schema.json', ''),
    ajv.compile(JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))),
  ]),
);

/** What is wrong with a document by the schema that it names; no line where nothing is. */
function faults(document: { readonly schema: string }): readonly string[] {
  const validate = schemas.get(document.schema.replace('onnx-transplant/', ''));
  if (!validate) return [`no schema ${document.schema}`];
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

type Document = { readonly schema: string } & Readonly<Record<string, unknown>>;

async function printed(...words: readonly string[]): Promise<Document> {
  return JSON.parse((await run(...words, '--json')).stdout) as Document;
}

const fused = folder.at('fused.onnx');
beforeAll(async () => {
  await run('fuse', cnn0, cnn1, '-o', fused);
});

describe('what a command prints is what its schema says', () => {
  test.each<readonly [string, readonly string[]]>([
    ['artifacts', ['artifacts', mlp0, '-o', folder.at('artifacts')]],
    ['concat', ['concat', cnn0, cnn1, '-o', folder.at('wide.onnx')]],
    ['diff', ['diff', cnn0, fused, '--permutation']],
    ['diff', ['diff', cnn0, member('digits-cnn0-folded'), '--html', folder.at('diff.html')]],
    ['diff', ['diff', mlp0, cnn0]],
    ['doctor', ['doctor']],
    ['error', ['inspect', 'no/such/file.onnx']],
    ['evaluate', ['evaluate', mlp0, ...digits]],
    ['fuse', ['fuse', cnn0, cnn1, '--dry-run']],
    [
      'fuse',
      ['fuse', mlp0, mlp1, '--fine-tune', 'fixtures/data/digits', '--epochs', '1', '-o', folder.at('tuned.onnx')],
    ],
    ['inspect', ['inspect', fused, '--neurons', '--nodes', '--batch', '2', '--member-similarity', cnn1]],
    ['inspect', ['inspect', 'fixtures/refused/nonfinite-nan.onnx', '--nodes']],
    ['inspect', ['inspect', 'fixtures/accepted/functions.onnx', '--nodes', '--neurons']],
    ['prune', ['prune', cnn0, '--target-params', '50%', '--scope', 'global', '--explain', '--mask', '--dry-run']],
    ['train', ['train', mlp0, ...short, '-o', folder.at('trained.onnx')]],
    ['train-check', ['train', mlp0, '--check']],
    ['train', ['distill', mlp0, '--teachers', mlp1, ...short, '-o', folder.at('student.onnx')]],
    ['validate', ['validate', cnn0, '--against', cnn1]],
    ['validate', ['validate', 'fixtures/refused/cycle.onnx']],
  ])('%s: %j', async (name, words) => {
    const document = await printed(...words);
    expect(document.schema).toBe(`onnx-transplant/${name}@1`);
    expect(faults(document)).toEqual([]);
  });

  test('what a fused file notes of its neurons', async () => {
    const { metadata } = await printed('inspect', fused);
    const [entry] = (metadata as { key: string; value: string }[]).filter(
      ({ key }) => key === 'onnx-transplant.neurons',
    );
    expect(faults(JSON.parse(entry?.value ?? '{}'))).toEqual([]);
  });
});

describe('a schema refuses', () => {
  test.each<readonly [string, (document: Document) => object, string]>([
    ['a field too many', (document) => ({ ...document, more: 1 }), ' must NOT have additional properties'],
    ['a field too few', ({ health, ...rest }) => rest, " must have required property 'health'"],
    ['half a byte', (document) => ({ ...document, fileBytes: 0.5 }), '/fileBytes must be integer'],
    ['a number that is a text', (document) => ({ ...document, irVersion: '8' }), '/irVersion must be integer'],
  ])('%s', async (_, change, fault) => {
    expect(faults(change(await printed('inspect', mlp0)) as Document)).toEqual([fault]);
  });
});

test('every command has a schema', () => {
  const without = COMMANDS.map(({ name }) => name).filter((name) => !schemas.has(`${name}@1`));
  // The report of `distill` is that of `train`.
  expect(without).toEqual(['distill']);
});
