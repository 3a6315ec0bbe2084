/** A model that answers how large its inner values are: ONNX Runtime sums them up, so that only a number a position comes back. */
import { memoryBytes } from '../ir/bytes.js';
import { FLOAT, INT64 } from '../ir/dtype.js';
import { listInitializers } from '../ir/edit.js';
import type { Attribute, Model, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { int64Bytes } from '../ir/numeric.js';
import { definedNames } from '../ir/walk.js';

/** An axis of an inner value, and what is known of the value. */
export interface Probe {
  readonly value: string;
  readonly axis: number;
  readonly rank: number;
  /** A number of ir/dtype; float32 is measured as it is, other real types are cast to it. */
  readonly dtype: number;
}

export interface Probed {
  readonly model: Model;
  /** The output that answers each probe, in their order: the mean square at each position of the axis. */
  readonly outputs: readonly string[];
}

/** Since then ReduceMean takes its axes as an input. */
const AXES_AS_INPUT = 18;

const nodeOf = (
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly (readonly [string, Attribute])[] = [],
): Node => ({ name: '', opType, domain: '', inputs, outputs: [output], attributes: new Map(attributes) });

/** The model with the probes' answers in place of its outputs, so that ONNX Runtime leaves out what none of them needs. */
export function probed(model: Model, probes: readonly Probe[]): Probed {
  const { graph } = model;
  const fresh = freshNames(definedNames(graph));
  const nodes: Node[] = [];
  const made = new Map<string, Tensor>();
  const squares = new Map<string, string>();
  const squareOf = ({ value, dtype }: Probe): string => {
    const known = squares.get(value);
    if (known !== undefined) return known;
    const real = dtype === FLOAT ? value : fresh(`${value}.float`);
    if (real !== value) nodes.push(nodeOf('Cast', [value], real, [['to', { type: 'int', value: FLOAT }]]));
    const square = fresh(`${value}.square`);
    nodes.push(nodeOf('Mul', [real, real], square));
    squares.set(value, square);
    return square;
  };
  const outputs = probes.map((probe) => {
    const square = squareOf(probe);
    const axes = Array.from({ length: probe.rank }, (_, axis) => axis).filter((axis) => axis !== probe.axis);
    if (axes.length === 0) return square;
    const mean = fresh(`${probe.value}.mean`);
    const keepdims = ['keepdims', { type: 'int', value: 0 }] as const;
    if ((model.opsets.get('') ?? 0) < AXES_AS_INPUT) {
      nodes.push(nodeOf('ReduceMean', [square], mean, [keepdims, ['axes', { type: 'ints', value: axes }]]));
      return mean;
    }
    const operand = fresh(`${probe.value}.axes`);
    made.set(operand, {
      name: operand,
      dtype: INT64,
      dims: [axes.length],
      data: memoryBytes(int64Bytes(axes)),
    });
    nodes.push(nodeOf('ReduceMean', [square, operand], mean, [keepdims]));
    return mean;
  });
  return {
    outputs,
    model: listInitializers({
      ...model,
      graph: {
        ...graph,
        nodes: [...graph.nodes, ...nodes],
        initializers: new Map([...graph.initializers, ...made]),
        outputs: outputs.map((name) => ({ name, dtype: FLOAT, shape: undefined })),
      },
    }),
  };
}
