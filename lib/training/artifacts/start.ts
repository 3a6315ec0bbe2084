/** A checkpoint's parameters and moments, as a session goes on from them. */
import { artifactsFormat, quoted } from '../../errors.js';
import type { Tensor } from '../../ir/model.js';
import { constructorOf, type NdArray, ndarray } from '../../ir/ndarray.js';
import { allBytes, elementCount } from '../../ir/numeric.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import type { StepGraph } from '../step-graph.js';
import type { TrainingState } from '../step-session.js';
import { momentName } from './save.js';

/** A parameter of a checkpoint. Throws ARTIFACTS_FORMAT. */
export const find = ({ trained, frozen }: Checkpoint, name: string): Tensor => {
  const tensor = trained.get(name) ?? frozen.get(name);
  if (!tensor) throw artifactsFormat('the checkpoint', `it lacks the parameter ${quoted(name)}`);
  return { ...tensor, name };
};

/** A parameter in memory of its own. Throws ARTIFACTS_FORMAT for a type that cannot be trained. */
export function arrayOf({ name, dtype, dims, data }: Tensor): NdArray {
  const make = constructorOf(dtype);
  if (!make || !data) throw artifactsFormat('the checkpoint', `${quoted(name)} is of a type that cannot be trained`);
  const bytes = new Uint8Array(allBytes(data));
  return ndarray(dtype, dims, new make(bytes.buffer, 0, elementCount(dims)));
}

/** Where a checkpoint's training stands, for `StepSession.restore`. */
export function stateOf({ parameters, statistics }: StepGraph, checkpoint: Checkpoint): TrainingState {
  const [group] = checkpoint.groups;
  const tensors = parameters.flatMap(({ name, state }): readonly (readonly [string, NdArray])[] => {
    const own = [name, arrayOf(find(checkpoint, name))] as const;
    const moments = state.flatMap((slot, i) => {
      const moment = group?.states.get(name)?.get(momentName(i));
      return moment ? [[slot.name, arrayOf(moment)] as const] : [];
    });
    return [own, ...moments];
  });
  const running = statistics.map(({ name }) => [name, arrayOf(find(checkpoint, name))] as const);
  return { step: group?.step ?? 0, tensors: new Map([...tensors, ...running]) };
}
