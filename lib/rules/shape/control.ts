/**
 * Shapes of If, Loop and Scan: what the graphs inside declare of their outputs. Their symbols are their own, so that only
 * numbers are taken over.
 */
import { type Dim, isSymbolic } from '../../ir/dim.js';
import type { Graph } from '../../ir/model.js';
import { graphOf, intOf, intsOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { type Facts, type ShapeContext, type ShapeRule, UNKNOWN } from './rule.js';
import { unknownDim, withAxis } from './support.js';

/** What a graph declares of its output `index`. */
function declared(graph: Graph | undefined, index: number): Facts {
  const value = graph?.outputs[index];
  return value ? { dtype: value.dtype, shape: value.shape } : UNKNOWN;
}

/** What holds for output `output` whichever of two values it is: lengths on which both agree. */
function either(context: ShapeContext, output: number, a: Facts, b: Facts): Facts {
  const same = a.shape && b.shape && a.shape.length === b.shape.length;
  const length = (dim: Dim, axis: number): Dim =>
    !isSymbolic(dim) && dim === b.shape?.[axis] ? dim : unknownDim(context, axis, output);
  return { dtype: a.dtype ?? b.dtype, shape: same ? a.shape?.map(length) : undefined };
}

const branches: ShapeRule = (context) =>
  context.node.outputs.map((_, i) =>
    either(
      context,
      i,
      declared(graphOf(context.node, 'then_branch'), i),
      declared(graphOf(context.node, 'else_branch'), i),
    ),
  );

/** Values collected in every turn, along a new axis `at`. */
function collected(context: ShapeContext, output: number, each: Facts, at: number, count: Dim): Facts {
  const dims = each.shape?.map((dim, axis) => (isSymbolic(dim) ? unknownDim(context, axis + 1, output) : dim));
  const place = at < 0 ? at + (dims?.length ?? 0) + 1 : at;
  return { dtype: each.dtype, shape: dims && withAxis(dims, place, count) };
}

/** Loop: values carried from turn to turn, which are the first ones where there is no turn; then values collected. */
const loop: ShapeRule = (context) => {
  const body = graphOf(context.node, 'body');
  const carried = Math.max(0, context.node.inputs.length - 2);
  return context.node.outputs.map((_, i) => {
    const made = declared(body, i + 1);
    if (i < carried) return either(context, i, context.input(i + 2) ?? UNKNOWN, made);
    return collected(context, i, made, 0, unknownDim(context, 0, i));
  });
};

/** Scan: states, then values collected while inputs are taken apart. */
const scan: ShapeRule = (context) => {
  const body = graphOf(context.node, 'body');
  const states = context.node.inputs.length - intOf(context.node, 'num_scan_inputs', 0);
  const first = context.input(states)?.shape;
  const count = first?.at(intsOf(context.node, 'scan_input_axes')?.[0] ?? 0);
  return context.node.outputs.map((_, i) => {
    const made = declared(body, i);
    if (i < states) return either(context, i, context.input(i) ?? UNKNOWN, made);
    const at = intsOf(context.node, 'scan_output_axes')?.[i - states] ?? 0;
    return collected(context, i, made, at, count ?? unknownDim(context, 0, i));
  });
};

export const controlShapes: readonly Row<ShapeRule>[] = [
  ...rows(['If'], branches),
  ...rows(['Loop'], loop),
  ...rows(['Scan'], scan, 9),
];
