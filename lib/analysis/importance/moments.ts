/** What layers read when a model runs on data, as far as importance by activation asks for it. */
import type { AxisRef } from '../../rules/structure/relation.js';
import type { Neurons } from '../neurons.js';

/** The mean of the squares over samples and all other axes, for each position of an axis; by `momentKey` of the axis. */
export type Moments = ReadonlyMap<string, Float64Array>;

/** The key of an axis in `Moments`. */
export const momentKey = ({ value, axis }: AxisRef): string => `${axis} ${value}`;

/** The axes whose moments `activation` needs: those that layers read neurons from, and those that they make them on. */
export function readAxes({ layers, labels }: Neurons): readonly AxisRef[] {
  const all = layers.flatMap((layer) => [layer.input, layer.output]);
  return [...new Map(all.filter((at) => labels(at.value, at.axis)).map((at) => [momentKey(at), at])).values()];
}
