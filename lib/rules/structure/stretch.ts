/** Neurons through operators that repeat, stretch or pad: the same value may stand at several positions. */
import { isSymbolic, sameDim } from '../../ir/dim.js';
import { stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { Relation, StructureContext, StructureRule } from './relation.js';
import { axis, fixed, inputName, linear, numbersOf, outputName, positive, same, sameAxes } from './support.js';

/** Expand: axes that keep their length are the same. Along a stretched one all positions are equal: as many as are wanted. */
const expand = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const [from, into] = [context.shape(x), context.shape(y)];
  const shift = into.length - from.length;
  return into.flatMap((dim, at): readonly Relation[] => {
    const source = from[at - shift];
    if (source !== undefined && (source === dim || (isSymbolic(source) && isSymbolic(dim)))) {
      return [same(axis(x, at - shift), axis(y, at))];
    }
    return source === undefined ? [] : [fixed(axis(x, at - shift), 'stretched by Expand')];
  });
});

/** The same axis of x and y, fixed in both. */
const both = (context: StructureContext, at: number, why: string): readonly Relation[] =>
  [inputName(context, 0), outputName(context)].map((value) => fixed(axis(value, at), why));

/** Tile: an axis is repeats x positions; of a single position all repeats are equal, and there are as many as are wanted. */
const tile = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const repeats = context.content(1);
  return context.shape(x).flatMap((dim, at): readonly Relation[] => {
    const count = repeats?.[at];
    if (count === 1) return sameAxes(x, y, [at]);
    if (dim === 1) return [fixed(axis(x, at), 'repeated by Tile')];
    if (count === undefined || isSymbolic(count)) return both(context, at, 'repeated a number of times that is open');
    const repeat = context.virtual(`repeat${at}`, count);
    return [fixed(repeat, 'repeats of Tile'), { kind: 'composite', whole: axis(y, at), parts: [repeat, axis(x, at)] }];
  });
});

/** Positions in front of and behind each axis of a Pad; undefined where they are not known. */
export function padsOf(context: StructureContext, rank: number): readonly (readonly [number, number])[] | undefined {
  const pads = numbersOf(context, 1, 'pads');
  const named = inputName(context, 3) === '' ? undefined : numbersOf(context, 3, '');
  if (!pads || (inputName(context, 3) !== '' && !named)) return undefined;
  const axes = named?.map((at) => positive(context, at, rank)) ?? [...Array(rank).keys()];
  return Array.from({ length: rank }, (_, at) => {
    const k = axes.indexOf(at);
    return [pads[k] ?? 0, pads[k + axes.length] ?? 0] as const;
  });
}

/** Pad: axes without padding are the same; of constants on both sides nobody knows but who reads them. */
const pad = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const shape = context.shape(x);
  const pads = padsOf(context, shape.length);
  const constant = stringOf(context.node, 'mode', 'constant') === 'constant';
  return shape.flatMap((length, at): readonly Relation[] => {
    const [front, back] = pads?.[at] ?? [-1, -1];
    if (front === 0 && back === 0) return sameAxes(x, y, [at]);
    if (!pads || !constant || front < 0 || back < 0 || isSymbolic(length)) {
      return both(context, at, constant ? 'a padded axis' : 'padded with positions of its own');
    }
    return [{ kind: 'same', a: axis(x, at), aStart: 0, b: axis(y, at), bStart: front, length }];
  });
}, 'an axis that is cropped or padded with positions of its own is fixed');

/** CenterCropPad: axes that keep their length are the same. */
const centre = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  return context
    .shape(x)
    .flatMap((dim, at) =>
      sameDim(dim, context.shape(y)[at] ?? 0)
        ? sameAxes(x, y, [at])
        : both(context, at, 'cropped or padded in the middle'),
    );
}, 'an axis that is cropped or padded is fixed');

/** Equal or random values everywhere: there are as many as are wanted along each axis. */
const filled = linear(() => []);

export const stretchingStructure: readonly Row<StructureRule>[] = [
  ...rows(['Expand'], expand),
  ...rows(['Tile'], tile, 6),
  ...rows(['Pad'], pad),
  ...rows(['CenterCropPad'], centre),
  ...rows(['ConstantOfShape', 'RandomNormal', 'RandomUniform'], filled),
];
