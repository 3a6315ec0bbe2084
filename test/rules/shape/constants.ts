/** Shape cases of operators that make values. */
import { memoryBytes } from '../../../lib/ir/bytes.js';
import { INT64 } from '../../../lib/ir/dtype.js';
import { int64Bytes } from '../../../lib/ir/numeric.js';
import { floats, int32s, int64s } from '../../support/weights.js';
import type { ShapeCase } from './case.js';

const ints = (values: readonly number[]) => ({
  name: '',
  dtype: INT64,
  dims: [values.length],
  data: memoryBytes(int64Bytes(values)),
});

export const constantCases: readonly ShapeCase[] = [
  { inputs: {}, parts: { t: ints([4, 5]) }, nodes: ['y = Constant() {value: @t}'] },
  { inputs: {}, nodes: ['y = Constant() {value_int: 3}'] },
  { inputs: {}, nodes: ['y = Constant() {value_ints: [3, 4]}'] },
  { inputs: {}, nodes: ['y = Constant() {value_float: 3.5}'] },
  { inputs: {}, nodes: ['y = Constant() {value_floats: [3.5, 1.0]}'] },
  { inputs: { x: ['batch', 3, 4] }, nodes: ['y = Shape(x)', 'n = Size(x)'] },
  { inputs: { x: ['batch', 3, 4] }, nodes: ['y = Shape(x) {start: 1}', 'z = Shape(x) {start: -2, end: -1}'] },
  { inputs: { x: ['batch', 3] }, nodes: ['s = Shape(x)', 'y = ConstantOfShape(s)'] },
  {
    inputs: { x: ['batch', 3] },
    parts: { t: ints([7]) },
    nodes: ['s = Shape(x) {start: 1}', 'y = ConstantOfShape(s) {value: @t}'],
  },
  {
    inputs: {},
    weights: { from: int64s([2], []), to: int64s([11], []), step: int64s([4], []), back: int64s([-3], []) },
    nodes: ['y = Range(from, to, step)', 'z = Range(to, from, back)', 'none = Range(to, from, step)'],
  },
  {
    inputs: {},
    weights: { from: int32s([0], []), to: int32s([3], []), step: int32s([1], []) },
    nodes: ['y = Range(from, to, step)'],
  },
  {
    inputs: { x: ['batch', 3] },
    weights: { zero: int64s([0], []), one: int64s([1], []) },
    nodes: ['s = Shape(x)', 'n = Gather(s, zero)', 'y = Range(zero, n, one)'],
  },
  {
    inputs: {},
    weights: { from: floats([0], []), to: floats([1], []), step: floats([0.3], []) },
    nodes: ['y = Range(from, to, step)'],
    open: ['y'],
  },
];
