/** Neurons through pooling: each channel for itself. */
import { GLOBAL_POOL, POOL } from '../families.js';
import { type Row, rows } from '../table.js';
import type { Relation, StructureContext, StructureRule } from './relation.js';
import { axis, fixed, fixedAxes, inputName, outputName, same, spatialAxes } from './support.js';

const relatePool = (context: StructureContext): readonly Relation[] => {
  const [x, y, indices] = [inputName(context, 0), outputName(context), outputName(context, 1)];
  return [
    same(axis(x, 0), axis(y, 0)),
    same(axis(x, 1), axis(y, 1)),
    ...spatialAxes(context, x),
    ...spatialAxes(context, y),
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
