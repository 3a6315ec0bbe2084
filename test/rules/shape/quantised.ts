/** Shape cases of quantised operators. */
import { floats, int8s, uint8s } from '../../support/weights.js';
import type { ShapeCase } from './case.js';

const scale = { s: floats([0.1], []), z: uint8s([3], []), zi: int8s([0], []) };

export const quantisedCases: readonly ShapeCase[] = [
  {
    inputs: { x: ['batch', 4] },
    weights: scale,
    nodes: ['q = QuantizeLinear(x, s, z)', 'y = DequantizeLinear(q, s, z)'],
  },
  {
    inputs: { x: ['batch', 4] },
    weights: scale,
    nodes: ['q = QuantizeLinear(x, s, zi)', 'y = DequantizeLinear(q, s)'],
  },
  {
    opset: 21,
    inputs: { x: ['batch', 4] },
    weights: scale,
    nodes: ['q = QuantizeLinear(x, s) {output_dtype: 3}', 'p = QuantizeLinear(x, s)'],
  },
  { inputs: { x: ['batch', 4] }, nodes: ['q, s, z = DynamicQuantizeLinear(x)'] },
  {
    inputs: { 'x: uint8': ['batch', 3, 6, 6] },
    weights: { ...scale, w: uint8s(Array(54).fill(2), [2, 3, 3, 3]) },
    nodes: ['y = QLinearConv(x, s, z, w, s, z, s, z) {strides: [2, 2]}', 'c = ConvInteger(x, w, z, z)'],
  },
  {
    inputs: { 'x: uint8': ['batch', 3] },
    weights: { ...scale, w: uint8s(Array(12).fill(2), [3, 4]) },
    nodes: ['y = QLinearMatMul(x, s, z, w, s, z, s, z)', 'c = MatMulInteger(x, w, z, z)'],
  },
];
