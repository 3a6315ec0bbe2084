/** Neurons through operators that move, sample or resample places of images: the channels go through. */
import { isSymbolic, sameDim } from '../../ir/dim.js';
import { floatsOf, intOf, intsOf, stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { AxisRef, Relation, StructureContext, StructureRule } from './relation.js';
import {
  axis,
  fixed,
  fixedAxes,
  inputName,
  linear,
  outputName,
  positive,
  same,
  sameAxes,
  spatialAxes,
} from './support.js';

/** The batch is the same, spatial axes are fixed on both sides. */
function frame(context: StructureContext): readonly Relation[] {
  const [x, y] = [inputName(context, 0), outputName(context)];
  return [same(axis(x, 0), axis(y, 0)), ...spatialAxes(context, x), ...spatialAxes(context, y)];
}

/** Both factors of a block, fixed: places within it. */
function block(context: StructureContext): readonly [AxisRef, AxisRef, readonly Relation[]] {
  const size = intOf(context.node, 'blocksize', 1);
  const [rowsOf, columnsOf] = [context.virtual('rows', size), context.virtual('columns', size)] as const;
  return [rowsOf, columnsOf, [rowsOf, columnsOf].map((at) => fixed(at, 'places within a block'))];
}

/** DepthToSpace: the channels of x are block x channel (DCR) or channel x block (CRD). */
const depthToSpace = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const [height, width, relations] = block(context);
  const channel = axis(y, 1);
  const crd = stringOf(context.node, 'mode', 'DCR') === 'CRD';
  const parts = crd ? [channel, height, width] : [height, width, channel];
  return [...frame(context), ...relations, { kind: 'composite', whole: axis(x, 1), parts }];
});

/** SpaceToDepth: the channels of y are block x channel. */
const spaceToDepth = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const [height, width, relations] = block(context);
  return [
    ...frame(context),
    ...relations,
    { kind: 'composite', whole: axis(y, 1), parts: [height, width, axis(x, 1)] },
  ];
});

/** Col2Im: axis 1 of x is channel x place within a block. */
const col2Im = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const sizes = context.content(2);
  const [channels, columns] = [axis(y, 1), axis(x, 1)];
  if (!sizes || sizes.some(isSymbolic)) {
    return [...frame(context), ...[channels, columns].map((at) => fixed(at, 'a Col2Im of unknown blocks'))];
  }
  const place = context.virtual(
    'place',
    (sizes as readonly number[]).reduce((a, b) => a * b, 1),
  );
  return [
    ...frame(context),
    fixed(place, 'places within a block'),
    { kind: 'composite', whole: columns, parts: [channels, place] },
  ];
});

/** Scale factors of a Resize or Upsample, an axis each; undefined where they are not told or not known. */
function scalesOf(context: StructureContext): readonly number[] | undefined {
  if (context.node.inputs.length < 2) return floatsOf(context.node, 'scales');
  return context.reals(context.node.opType === 'Resize' && context.opset > 10 ? 2 : 1);
}

/** Resize, Upsample: axes that are not scaled are the same. */
const resize = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const [from, to] = [context.shape(x), context.shape(y)];
  const axes = intsOf(context.node, 'axes')?.map((at) => positive(context, at, from.length)) ?? [...from.keys()];
  const sizes = inputName(context, 3) !== '';
  const scales = sizes ? undefined : scalesOf(context);
  const crops = stringOf(context.node, 'coordinate_transformation_mode', '') === 'tf_crop_and_resize';
  return from.flatMap((dim, at): readonly Relation[] => {
    const k = axes.indexOf(at);
    const keeps = sizes ? sameDim(dim, to[at] ?? 0) : scales?.[k] === 1;
    if (k < 0 || (keeps && !crops)) return sameAxes(x, y, [at]);
    return [x, y].map((value) => fixed(axis(value, at), `resampled by ${context.node.opType}`));
  });
}, 'axes that are scaled or cropped are fixed');

/** GridSample: the same places of all channels. */
const gridSample: StructureRule = {
  ...linear((context) => {
    const [x, grid, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
    return [
      ...frame(context),
      ...sameAxes(x, y, [1]),
      same(axis(grid, 0), axis(y, 0)),
      ...fixedAxes(grid, [...context.shape(grid).keys()].slice(1), 'places that a grid names'),
    ];
  }),
  linearity: 'first',
};

/** AffineGrid: coordinates made of small matrices. */
const affineGrid = linear((context) => {
  const [theta, size, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  const why = 'coordinates of a grid';
  return [
    same(axis(theta, 0), axis(y, 0)),
    ...fixedAxes(theta, [1, 2], why),
    ...fixedAxes(size, [0], why),
    ...fixedAxes(y, [...context.shape(y).keys()].slice(1), why),
  ];
}, 'its coordinates are fixed');

export const pixelStructure: readonly Row<StructureRule>[] = [
  ...rows(['DepthToSpace'], depthToSpace),
  ...rows(['SpaceToDepth'], spaceToDepth),
  ...rows(['Col2Im'], col2Im),
  ...rows(['Resize'], resize, 10),
  ...rows(['Upsample'], resize, 7),
  ...rows(['GridSample'], gridSample),
  ...rows(['AffineGrid'], affineGrid),
];
