/** What makes the neurons of a group, and what reads them. */
import { constantsOf } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import type { NodeLayer } from './groups.js';
import type { Neurons } from './neurons.js';

/** An axis of a constant on which neurons of a group lie, each at one or more positions. */
export interface Along {
  readonly tensor: Tensor;
  readonly axis: number;
}

/** The constants around the neurons of one group. */
export interface Incoming {
  readonly group: number;
  /** Weights of layers that make them, along their outputs. */
  readonly layers: readonly Along[];
  /** Other constants that act on each neuron by itself: biases, normalisations, depthwise weights. */
  readonly rest: readonly Along[];
  /** Whether all neurons of the group take in the same inputs, so that equal rows mean equal neurons. */
  readonly comparable: boolean;
  /** Layers that read them; undefined where something else does too, where nothing does, and where it cannot be told which weights do. */
  readonly readers: readonly NodeLayer[] | undefined;
}

const key = (value: string, axis: number): string => `${axis} ${value}`;

/** The groups on an axis. */
const groupsOn = (neurons: Neurons, value: string, axis: number): ReadonlySet<number> =>
  new Set(neurons.labels(value, axis)?.group);

/** Whether a layer's every output takes in all its inputs. */
function isDense({ facts }: Neurons, { weight, in: axis, input }: NodeLayer): boolean {
  const [own, whole] = [facts.get(weight)?.shape?.[axis], facts.get(input.value)?.shape?.[input.axis]];
  return typeof own === 'number' && own === whole;
}

/** A layer that is no depthwise one, with the groups that it makes, that it reads, and that its weight shows as read. */
interface Linked {
  readonly layer: NodeLayer;
  readonly made: ReadonlySet<number>;
  readonly read: ReadonlySet<number>;
  readonly shown: ReadonlySet<number>;
}

const link = (neurons: Neurons, layer: NodeLayer): Linked => ({
  layer,
  made: groupsOn(neurons, layer.weight, layer.out),
  read: groupsOn(neurons, layer.input.value, layer.input.axis),
  shown: groupsOn(neurons, layer.weight, layer.in),
});

/** For each group what makes its neurons and what reads them. */
export function incomingOf(neurons: Neurons): readonly Incoming[] {
  const constants = constantsOf(neurons.model.graph);
  const linked = neurons.layers.filter(({ depthwise }) => !depthwise).map((layer) => link(neurons, layer));
  const ins = new Set(linked.map(({ layer }) => key(layer.weight, layer.in)));
  const outs = new Set(linked.map(({ layer }) => key(layer.weight, layer.out)));
  const mixed = new Set(neurons.mixes.flatMap(({ at }) => [...groupsOn(neurons, at.value, at.axis)]));
  return neurons.groups.map(({ id, axes }): Incoming => {
    const along = axes.flatMap(({ value, axis }): readonly Along[] => {
      const tensor = constants.get(value);
      return tensor?.data && REAL_TYPES.has(tensor.dtype) ? [{ tensor, axis }] : [];
    });
    const isOut = ({ tensor, axis }: Along) => outs.has(key(tensor.name, axis));
    const isIn = ({ tensor, axis }: Along) => ins.has(key(tensor.name, axis));
    const layers = along.filter(isOut);
    const makers = linked.filter(({ made }) => made.has(id));
    const readers = linked.filter(({ read }) => read.has(id));
    const told = readers.length > 0 && readers.every(({ shown }) => shown.has(id)) && !mixed.has(id);
    return {
      group: id,
      layers,
      rest: along.filter((each) => !isOut(each) && !isIn(each)),
      comparable: layers.length > 0 && makers.every(({ layer }) => isDense(neurons, layer)),
      readers: told ? readers.map(({ layer }) => layer) : undefined,
    };
  });
}
