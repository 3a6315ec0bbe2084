/** How changes and families of operators are told apart, not by colour alone. */
import type { Change, PageNode } from '../data.js';
import type { Family } from '../palette.js';

/** A corner of a shape, each from -1 to 1. */
export type Corner = readonly [x: number, y: number];

/** Each change has a letter, a shape for where letters are too small, and dashes for its outline. */
export interface Mark {
  readonly letter: string;
  readonly shape: readonly Corner[];
  readonly dashes: readonly number[];
}

/** All changes, in the order of the legend. */
export const CHANGE_ORDER: readonly Change[] = ['added', 'removed', 'changed', 'moved', 'renamed', 'same'];

const ring = (corners: number, turn = 0): readonly Corner[] =>
  Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners + turn;
    return [Math.sin(angle), -Math.cos(angle)];
  });

const CROSS: readonly Corner[] = [
  [-0.35, -1],
  [0.35, -1],
  [0.35, -0.35],
  [1, -0.35],
  [1, 0.35],
  [0.35, 0.35],
  [0.35, 1],
  [-0.35, 1],
  [-0.35, 0.35],
  [-1, 0.35],
  [-1, -0.35],
  [-0.35, -0.35],
];

const BAR: readonly Corner[] = [
  [-1, -0.4],
  [1, -0.4],
  [1, 0.4],
  [-1, 0.4],
];

/** Plus, minus, diamond, triangle, hexagon, dot. */
export const MARKS: Readonly<Record<Change, Mark>> = {
  added: { letter: '+', shape: CROSS, dashes: [] },
  removed: { letter: '\u2212', shape: BAR, dashes: [6, 4] },
  changed: { letter: '~', shape: ring(4), dashes: [] },
  moved: { letter: 'M', shape: ring(3), dashes: [2, 3] },
  renamed: { letter: 'R', shape: ring(6), dashes: [8, 3, 2, 3] },
  same: { letter: '', shape: ring(16), dashes: [] },
};

const FAMILY_OPS: readonly (readonly [Family, RegExp])[] = [
  ['norm', /Normalization|Norm$|^LRN$/],
  ['layer', /Conv|Gemm|MatMul|LSTM|GRU|^RNN$|Attention|Einsum|^Linear/],
  [
    'activation',
    /Relu|Gelu|GELU|Sigmoid|Tanh|Softmax|Elu$|Selu|Swish|Softplus|Softsign|Mish|^Erf$|^Clip$|Hardmax|Silu|Dropout/,
  ],
  ['pool', /Pool|^Reduce|^ArgM|^TopK|^Resize|^Upsample/],
  [
    'shape',
    /Reshape|Transpose|Flatten|Concat|Split|Slice|Gather|Scatter|queeze|^Shape|Expand|^Pad$|^Cast|Identity|Constant|Tile|^Size$|DepthToSpace|SpaceToDepth|Range|OneHot|If$|Loop|Scan/,
  ],
];

/** What a node's bar of colour stands for. */
export function familyOf({ kind, op }: PageNode): Family {
  if (kind !== 'node') return 'end';
  const name = op.slice(op.lastIndexOf(':') + 1);
  return FAMILY_OPS.find(([, ops]) => ops.test(name))?.[0] ?? 'other';
}

/** A shape's corners around (x, y) with the radius r. */
export const cornersAt = (shape: readonly Corner[], x: number, y: number, r: number): readonly Corner[] =>
  shape.map(([dx, dy]) => [x + dx * r, y + dy * r]);
