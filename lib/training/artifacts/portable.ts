/** Training and optimizer models in standard operators: nothing is written in place, what is next comes out. */

import { int } from '../../ir/attributes.js';
import { BOOL, FLOAT, INT64 } from '../../ir/dtype.js';
import { makeNode } from '../../ir/edit.js';
import type { Graph, Model, Value } from '../../ir/model.js';
import { freshNames } from '../../ir/names.js';
import { definedNames } from '../../ir/walk.js';
import type { Emitter } from '../../rules/gradient/rule.js';
import { GrowingGraph } from '../growing.js';
import { addUpdate, clipNorm, type Pace, statesOf } from '../optimizers.js';
import { accumulatedOf, bufferOf, LEARNING_RATE, momentOf, nextOf, RESET, STEP } from './names.js';
import type { OptimizerPlan } from './optimizer.js';
import type { TrainingGraph } from './training-graph.js';

/** The training model: as Microsoft's, but that accumulated gradients and next running statistics are outputs of their own. */
export function portableTraining(made: TrainingGraph): Model {
  const { model, trained, frozen } = made;
  const fresh = freshNames(definedNames(model.graph));
  const accumulating = trained.flatMap(({ name }) => {
    const gradient = made.gradients.get(name) as string;
    const sum = fresh(`${name}_grad.accumulation`);
    return [
      makeNode('Add', [bufferOf(name), gradient], [sum]),
      makeNode('Where', [RESET, gradient, sum], [accumulatedOf(name)]),
    ];
  });
  const running = frozen.filter(({ name }) => made.updates.has(name));
  const copies = running.map(({ name }) => makeNode('Identity', [made.updates.get(name) as string], [nextOf(name)]));
  const as = (values: readonly Value[], name: (each: string) => string) =>
    values.map((each): Value => ({ ...each, name: name(each.name) }));
  const graph: Graph = {
    ...model.graph,
    nodes: [...model.graph.nodes, ...accumulating, ...copies],
    inputs: [...model.graph.inputs, ...as(trained, bufferOf), { name: RESET, dtype: BOOL, shape: [1] }],
    outputs: [
      ...model.graph.outputs.slice(0, 1 + made.outputs.length),
      ...as(trained, accumulatedOf),
      ...as(running, nextOf),
    ],
  };
  return { ...model, graph };
}

/** Rate and step as single numbers in the type of a parameter. */
function paceIn(e: Emitter, dtype: number): Pace {
  const [rate, step] = [LEARNING_RATE, STEP].map((name) =>
    e.emit('Cast', [e.emit('Reshape', [name, e.int64s([], [0])])], int('to', dtype)),
  ) as [string, string];
  return { rate, step };
}

/**
 * The optimizer model. For each parameter p: inputs p, its accumulated gradient under the name that the training model gives it, and
 * moments `p.momentum0`, ..; outputs `p.next`, `p.momentum0.next`, ..
 */
export function portableOptimizer({ optimizer, clip }: OptimizerPlan, trained: readonly Value[], opset: number): Model {
  const states = statesOf(optimizer);
  const as = (each: Value, name: string): Value => ({ ...each, name });
  const inputs: readonly Value[] = [
    { name: LEARNING_RATE, dtype: FLOAT, shape: [1] },
    { name: STEP, dtype: INT64, shape: [1] },
    ...trained.flatMap((each) => [
      each,
      as(each, accumulatedOf(each.name)),
      ...states.map((state) => as(each, momentOf(each.name, state))),
    ]),
  ];
  const empty: Model = {
    label: 'the optimizer model',
    irVersion: 8,
    opsets: new Map([['', opset]]),
    producer: 'onnx-transplant',
    graph: {
      name: 'optimizer',
      nodes: [],
      inputs,
      outputs: [],
      valueInfo: [],
      initializers: new Map(),
      sparseInitializers: [],
    },
    functions: [],
    metadata: new Map(),
  };
  const graph = new GrowingGraph(empty, new Map(inputs.map((each) => [each.name, each])));
  const arrived = new Map(trained.map(({ name }) => [name, accumulatedOf(name)]));
  const gradients = clip === undefined ? arrived : clipNorm(graph, arrived, clip);
  const outputs = trained.flatMap((each): readonly Value[] => {
    const state = states.map((name) => momentOf(each.name, name));
    const before = { parameter: each.name, gradient: gradients.get(each.name) as string, state };
    const after = addUpdate(graph, optimizer, paceIn(graph, each.dtype ?? FLOAT), before);
    return [[each.name, after.parameter] as const, ...state.map((name, i) => [name, after.state[i]] as const)].map(
      ([name, value]) => {
        graph.push(makeNode('Identity', [value as string], [nextOf(name)]));
        return as(each, nextOf(name));
      },
    );
  });
  return { ...empty, graph: { ...graph.grown(), outputs } };
}
