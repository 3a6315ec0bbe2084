/** Neurons through pooling: each channel for itself. */
import { intsOf } from '../../ir/nodes.js';
import { GLOBAL_POOL, POOL } from '../families.js';
import { type Row, rows } from '../table.js';
import type { Relation, StructureContext, StructureRule } from './relation.js';
import { axis, fixed, fixedAxes, inputName, outputName, same, sameAxes, spatialAxes } from './support.js';

/** Spatial axes along which a window is a single place, each of which stays where it is. */
function untouched({ node }: StructureContext): readonly number[] {
  const kernel = intsOf(node, 'kernel_shape') ?? [];
  const [strides, pads] = [intsOf(node, 'strides') ?? [], intsOf(node, 'pads') ?? []];
  const isPlain = (i: number) =>
    kernel[i] === 1 && (strides[i] ?? 1) === 1 && [i, i + kernel.length].every((at) => (pads[at] ?? 0) === 0);
  return kernel.flatMap((_, i) => (isPlain(i) ? [i + 2] : []));
}

const relatePool = (context: StructureContext): readonly Relation[] => {
  const [x, y, indices] = [inputName(context, 0), outputName(context), outputName(context, 1)];
  const through = [0, 1, ...untouched(context)];
  const windows = [...context.shape(x).keys()].filter((at) => !through.includes(at));
  return [
    ...sameAxes(x, y, through),
    ...[x, y].flatMap((value) => fixedAxes(value, windows, 'spatial axis')),
    ...(indices ? fixedAxes(indices, context.shape(indices).keys(), 'indices of a pooling') : []),
    // Indices count over the whole tensor: they would be wrong after a channel is gone.
    ...(indices ? [fixed(axis(x, 1), 'its MaxPool also gives indices')] : []),
  ];
};

const pool = (linearity: 'all' | 'none'): StructureRule => ({ linearity, added: [], relate: relatePool });

/** RoiAlign, MaxRoiPool: places of images picked by regions; the channels go through. */
const regions: StructureRule = {
  linearity: 'none',
  added: [],
  limits: 'images and places are fixed: regions pick them',
  relate: (context) => {
    const [x, rois, images, y] = [...[0, 1, 2].map((index) => inputName(context, index)), outputName(context)] as const;
    const [from = '', boxes = '', which = '', to = ''] = [x, rois, images, y];
    return [
      fixed(axis(from, 0), 'images that regions pick'),
      same(axis(from, 1), axis(to, 1)),
      same(axis(boxes, 0), axis(to, 0)),
      fixed(axis(boxes, 1), 'corners of a region'),
      ...(which ? [same(axis(which, 0), axis(to, 0))] : []),
      ...spatialAxes(context, from),
      ...spatialAxes(context, to),
    ];
  },
};

export const poolingStructure: readonly Row<StructureRule>[] = [
  ...rows(['AveragePool', 'GlobalAveragePool'], pool('all')),
  ...rows(
    [...POOL, ...GLOBAL_POOL].filter((op) => !op.endsWith('AveragePool')),
    pool('none'),
  ),
  ...rows(['RoiAlign', 'MaxRoiPool'], regions),
];
