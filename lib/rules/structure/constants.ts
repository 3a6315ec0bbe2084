/** Operators that make values of their own: nothing in them is a neuron. */
import { type Row, rows } from '../table.js';
import type { StructureRule } from './relation.js';
import { fixedAxes, outputName } from './support.js';

/** Shapes and counts: their axes have nothing to do with the axes that they measure, nor they with the values there. */
const measure: StructureRule = {
  linearity: 'all',
  added: [],
  relate: (context) => fixedAxes(outputName(context), context.shape(outputName(context)).keys(), 'a shape or a count'),
};

/** A constant's axes are free: the nodes that use it say what they are. */
const constant: StructureRule = { linearity: 'none', added: [], relate: () => [] };

export const constantStructure: readonly Row<StructureRule>[] = [
  ...rows(['Constant'], constant),
  ...rows(['Shape', 'Size', 'Range', 'BlackmanWindow', 'HammingWindow', 'HannWindow', 'MelWeightMatrix'], measure),
];
