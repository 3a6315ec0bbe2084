/** Pooling, resizing and padding of spatial axes. */
import { type Axis, axisAt, channelOf, elementsOf, fixedLen, isSpatial, type Open, rankOf } from '../axes.js';
import type { Draft } from '../draft.js';
import { behind, spatialOf, windowOver } from '../layers.js';
import { type Production, ROOM } from '../production.js';
import { list } from '../text.js';

function pool(d: Draft, x: Open, op: string, extra: readonly string[] = []): Open {
  const window = windowOver(d, x);
  const attributes = [`kernel_shape: ${list(window.kernel)}`, ...window.attributes, ...extra];
  return d.as(x, `${op}(${x.name}) {${attributes.join(', ')}}`, behind(x, channelOf(x), window.spatial));
}

const global = (d: Draft, x: Open, op: string): Open =>
  d.as(
    x,
    `${op}(${x.name})`,
    behind(
      x,
      channelOf(x),
      spatialOf(x).map(() => 1),
    ),
  );

/** Twice as large, by factors or by sizes. */
function resized(d: Draft, x: Open): Open {
  const spatial = spatialOf(x).map((length) => 2 * length);
  const modes = [
    "mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor'",
    "mode: 'nearest'",
    "mode: 'linear', coordinate_transformation_mode: 'half_pixel'",
  ];
  const mode = d.oneOf(rankOf(x) === 4 ? modes : modes.slice(0, 2));
  const factors = [1, 1, ...spatial.map(() => 2)];
  const operands = `${x.name}, , ${d.reals(factors)}`;
  return d.as(x, `Resize(${operands}) {${mode}}`, behind(x, channelOf(x), spatial));
}

/** Nearest neighbours as older exporters write them: a new axis, stretched, and taken in. */
function stretched(d: Draft, x: Open): Open {
  const [n, c, h, w] = x.axes.map(({ len }) => d.at(len)) as [number, number, number, number];
  const batch = d.setup.symbolic ? -1 : n;
  const wide = d.node(`Reshape(${x.name}, ${d.ints([batch, c, h, 1, w, 1])})`);
  const target = d.ints([1, d.chance(0.5) ? c : 1, h, 2, w, 2]);
  const axes = behind(x, channelOf(x), [2 * h, 2 * w]);
  return d.as(x, `Reshape(${d.node(`Expand(${wide}, ${target})`)}, ${d.ints([batch, c, 2 * h, 2 * w])})`, axes);
}

function padded(d: Draft, x: Open): Open {
  const rank = rankOf(x);
  const pads = Array.from({ length: 2 * rank }, (_, i) => (i % rank < 2 ? 0 : d.int(0, 1)));
  const modes = spatialOf(x).every((length) => length > 1) ? ['constant', 'reflect', 'edge'] : ['constant', 'edge'];
  const value = d.chance(0.3) ? `, ${d.scalar(0.5, [])}` : '';
  const mode = value === '' ? d.oneOf(modes) : 'constant';
  const spatial = spatialOf(x).map((length, i) => length + (pads[i + 2] as number) + (pads[rank + i + 2] as number));
  const axes = behind(x, channelOf(x), spatial);
  return d.as(x, `Pad(${x.name}, ${d.ints(pads)}${value}) {mode: '${mode}'}`, axes);
}

const roomy = (x: Open): boolean => isSpatial(x) && elementsOf(x) <= ROOM;

/** From [batch, n] to an image by stretching axes of length 1. */
function spread(d: Draft, x: Open): Open {
  const lifted = d.node(`Unsqueeze(${x.name}, ${d.ints([2, 3])})`);
  const fixed = (length: number): Axis => ({ role: 'fixed', len: fixedLen(length) });
  const axes = [axisAt(x, 0), axisAt(x, 1), fixed(2), fixed(3)];
  const target = [1, d.chance(0.5) ? d.at(channelOf(x).len) : 1, 2, 3];
  return d.as(x, `Expand(${lifted}, ${d.ints(target)})`, axes);
}

export const spatial: readonly Production[] = [
  { name: 'max pool', weight: 2, double: true, fits: isSpatial, grow: (d, x) => [pool(d, x, 'MaxPool')] },
  {
    name: 'average pool',
    weight: 2,
    affine: true,
    fits: isSpatial,
    grow: (d, x) => [pool(d, x, 'AveragePool', [`count_include_pad: ${d.int(0, 1)}`])],
  },
  {
    name: 'lp pool',
    weight: 0.5,
    fits: (x) => isSpatial(x) && rankOf(x) === 4,
    grow: (d, x) => [pool(d, x, 'LpPool', ['p: 2'])],
  },
  { name: 'global average', affine: true, fits: isSpatial, grow: (d, x) => [global(d, x, 'GlobalAveragePool')] },
  { name: 'global max', weight: 0.5, fits: isSpatial, grow: (d, x) => [global(d, x, 'GlobalMaxPool')] },
  { name: 'global lp', weight: 0.3, fits: isSpatial, grow: (d, x) => [global(d, x, 'GlobalLpPool')] },
  { name: 'resize', weight: 0.3, affine: true, fits: roomy, grow: (d, x) => [resized(d, x)] },
  {
    name: 'stretch',
    affine: true,
    double: true,
    weight: 0.7,
    fits: (x) => roomy(x) && rankOf(x) === 4 && !x.closed,
    grow: (d, x) => [stretched(d, x)],
  },
  { name: 'pad', affine: true, double: true, fits: isSpatial, grow: (d, x) => [padded(d, x)] },
  {
    name: 'spread',
    affine: true,
    double: true,
    weight: 0.7,
    fits: (x) => rankOf(x) === 2 && elementsOf(x) <= 100,
    grow: (d, x) => [spread(d, x)],
  },
];
