/** A training that goes on later: its state as a checkpoint, which onnxruntime-training reads too. */
import { memoryBytes } from '../../ir/bytes.js';
import type { Tensor } from '../../ir/model.js';
import type { NdArray } from '../../ir/ndarray.js';
import { type Checkpoint, GROUP } from '../checkpoint/checkpoint.js';
import type { Slot, StepGraph } from '../step-graph.js';
import type { TrainingState } from '../step-session.js';

/** A copy as a tensor. */
export function tensorOf(name: string, { dtype, dims, data }: NdArray): Tensor {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return { name, dtype, dims, data: memoryBytes(bytes) };
}

/**
 * The checkpoint of a session's state: `before` with other values, and with the optimizer's moments. Parameters stand as they stood;
 * the group's states are sorted by parameter, as onnxruntime-training writes them.
 */
export function checkpointOf(graph: StepGraph, state: TrainingState, before: Checkpoint, rate: number): Checkpoint {
  const now = (name: string, old: Tensor): Tensor => {
    const array = state.tensors.get(name);
    return array ? tensorOf(name, array) : old;
  };
  const all = (tensors: ReadonlyMap<string, Tensor>) =>
    new Map([...tensors].map(([name, tensor]) => [name, now(name, tensor)] as const));
  const moments = (slots: readonly Slot[]) =>
    new Map(
      slots.flatMap((slot, i): readonly (readonly [string, Tensor])[] => {
        const array = state.tensors.get(slot.name);
        return array ? [[momentName(i), tensorOf(momentName(i), array)]] : [];
      }),
    );
  const trained = graph.parameters.filter(({ name }) => before.trained.has(name));
  const sorted = [...trained].sort((a, b) => (a.name < b.name ? -1 : 1));
  const states = new Map(sorted.map((each) => [each.name, moments(each.state)] as const));
  return {
    ...before,
    trained: all(before.trained),
    frozen: all(before.frozen),
    groups: [{ name: GROUP, step: state.step, initialLearningRate: rate, states }],
  };
}

/** The name of a parameter's moment. */
export const momentName = (index: number): string => `momentum${index}`;
