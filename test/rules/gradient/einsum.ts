/** Gradient cases of Einsum. */
import type { GradientCase } from './case.js';

const einsum = (equation: string, ...shapes: readonly (readonly (number | string)[])[]): GradientCase => {
  const names = ['a', 'b', 'c'].slice(0, shapes.length);
  return {
    inputs: Object.fromEntries(shapes.map((shape, i) => [names[i], shape])),
    nodes: [`y = Einsum(${names.join(', ')}) {equation: '${equation}'}`],
  };
};

export const einsumCases: readonly GradientCase[] = [
  einsum('ij,jk->ik', ['batch', 3], [3, 4]),
  einsum('bhqd,bhkd->bhqk', ['batch', 2, 3, 4], ['batch', 2, 5, 4]),
  einsum('bi,i->b', ['batch', 3], [3]),
  einsum('i,j->ij', [2], [3]),
  einsum('ij->ji', ['batch', 3]),
  einsum('bn,bn,bn->b', ['batch', 3], ['batch', 3], ['batch', 3]),
  einsum('ij,jk', [2, 3], [3, 2]),
  // Axes that are summed in one operand alone.
  einsum('ijk->j', ['batch', 3, 2]),
  einsum('bij,jk->bk', ['batch', 2, 3], [3, 4]),
  einsum('ij->', [2, 3]),
  // Ellipses, of which one is stretched.
  einsum('...ij,jk->...ik', ['batch', 2, 3, 2], [2, 4]),
  einsum('...i,...i->...', [2, 3, 4], [2, 3, 4]),
  einsum('...i,...i->...i', [2, 1, 4], [1, 3, 4]),
  // Diagonals and traces.
  einsum('ii->i', [3, 3]),
  einsum('bii->b', ['batch', 3, 3]),
  einsum('ii,ij->j', [3, 3], [3, 2]),
];
