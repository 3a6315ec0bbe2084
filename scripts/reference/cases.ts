/** What the paper's code made of the reference members, and how it is made here. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FuseOptions } from '../../lib/commands/fuse.js';
import { readNpz } from '../../lib/data/npz.js';
import type { NdArray } from '../../lib/ir/ndarray.js';

export const ROOT = fileURLToPath(new URL('../../../../shared/reference/', import.meta.url));

export interface Case {
  /** The file in expected/ that it must meet. */
  readonly name: string;
  readonly members: readonly string[];
  readonly how: 'concat' | NonNullable<FuseOptions['method']>;
  readonly options?: FuseOptions;
  /** What is special, where several cases meet the same file. */
  readonly remark?: string;
}

/** The path of a member; a name with a folder is a model with external data. */
export const memberPath = (name: string): string =>
  join(ROOT, 'members', name.endsWith('-external') ? join(name, 'model.onnx') : `${name}.onnx`);

export const expectedOf = (name: string): Promise<ReadonlyMap<string, NdArray>> =>
  readNpz(join(ROOT, 'expected', `${name}.npz`));

const FAMILIES = ['digits-cnn', 'digits-mlp', 'lenet', 'mlp', 'resnet'];

/** The input that all models of a family were tried on: that of its first member. */
export async function inputOf(name: string): Promise<NdArray> {
  const family = FAMILIES.find((each) => name.startsWith(each)) ?? name;
  return (await expectedOf(`${family}0`)).get('input') as NdArray;
}

const numbered = (stem: string, count: number) => Array.from({ length: count }, (_, i) => `${stem}${i}`);
const widths = ['lenet-narrow', 'lenet0', 'lenet-wide'];
const like = memberPath('lenet0');

export const CASES: readonly Case[] = [
  { name: 'digits-mlp-nt-k2', members: numbered('digits-mlp', 2), how: 'transplant' },
  { name: 'digits-mlp-nt-k4', members: numbered('digits-mlp', 4), how: 'transplant' },
  { name: 'digits-mlp-nt-self', members: ['digits-mlp0', 'digits-mlp0'], how: 'transplant' },
  { name: 'digits-mlp-avg-k2', members: numbered('digits-mlp', 2), how: 'average' },
  { name: 'digits-cnn-nt-k2', members: numbered('digits-cnn', 2), how: 'transplant' },
  { name: 'digits-cnn-concat-k2', members: numbered('digits-cnn', 2), how: 'concat' },
  { name: 'digits-cnn-avg-k2', members: numbered('digits-cnn', 2), how: 'average' },
  { name: 'lenet-nt-k2', members: numbered('lenet', 2), how: 'transplant' },
  { name: 'lenet-nt-k3', members: numbered('lenet', 3), how: 'transplant', options: { ratio: 1 - 1 / 3 } },
  { name: 'lenet-nt-k4', members: numbered('lenet', 4), how: 'transplant' },
  {
    name: 'lenet-nt-iterative-k4',
    members: numbered('lenet', 4),
    how: 'transplant',
    options: { strategy: 'iterative' },
  },
  {
    name: 'lenet-nt-hierarchical-k4',
    members: numbered('lenet', 4),
    how: 'transplant',
    options: { strategy: 'hierarchical' },
  },
  { name: 'lenet-concat-k2', members: numbered('lenet', 2), how: 'concat' },
  { name: 'lenet-avg-k2', members: numbered('lenet', 2), how: 'average' },
  { name: 'lenet-widths-concat', members: widths, how: 'concat' },
  { name: 'lenet-widths-nt', members: widths, how: 'transplant', options: { like } },
  { name: 'mlp-nt-k2', members: numbered('mlp', 2), how: 'transplant' },
  { name: 'mlp-avg-k2', members: numbered('mlp', 2), how: 'average' },
  { name: 'resnet-nt-k2', members: numbered('resnet', 2), how: 'transplant' },
  { name: 'resnet-concat-k2', members: numbered('resnet', 2), how: 'concat' },
  { name: 'lenet-nt-k2', members: ['lenet0', 'lenet1-dynamo'], how: 'transplant', remark: 'legacy + dynamo' },
  { name: 'lenet-nt-k2', members: ['lenet0-dynamo', 'lenet1'], how: 'transplant', remark: 'dynamo + legacy' },
  { name: 'lenet-concat-k2', members: ['lenet0-dynamo', 'lenet1'], how: 'concat', remark: 'dynamo + legacy' },
  {
    name: 'mlp-nt-k2',
    members: ['mlp0-external', 'mlp1'],
    how: 'transplant',
    options: { externalData: true },
    remark: 'external in, out',
  },
];
