/** Shapes of Einsum: the length of each letter. */
import { shapeConflict } from '../../errors.js';
import { type Dim, isSymbolic, type Shape } from '../../ir/dim.js';
import { nodeText, stringOf } from '../../ir/nodes.js';
import { parseEquation } from '../einsum.js';
import { type Row, rows } from '../table.js';
import type { ShapeRule } from './rule.js';

const einsum: ShapeRule = (context) => {
  const { node } = context;
  const [dtype, shapes] = [context.input(0)?.dtype, node.inputs.map((_, index) => context.input(index)?.shape)];
  if (shapes.includes(undefined)) return [{ dtype, shape: undefined }];
  const text = stringOf(node, 'equation', '');
  const equation = parseEquation(
    text,
    (shapes as readonly Shape[]).map((shape) => shape.length),
  );
  if (!equation) throw shapeConflict(nodeText(node), `its equation ${JSON.stringify(text)} does not fit its operands`);
  const lengths = new Map<string, Dim>();
  equation.operands.forEach((names, index) => {
    names.forEach((name, axis) => {
      const [known, dim] = [lengths.get(name), shapes[index]?.[axis] as Dim];
      if (known === undefined || known === 1 || (isSymbolic(known) && !isSymbolic(dim) && dim !== 1))
        lengths.set(name, dim);
    });
  });
  return [{ dtype, shape: equation.output.map((name) => lengths.get(name) as Dim) }];
};

export const einsumShapes: readonly Row<ShapeRule>[] = rows(['Einsum'], einsum, 12);
