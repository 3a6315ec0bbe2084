/** Writes checkpoints that onnxruntime-training reads. */
import { dtypeUnsupported } from '../../errors.js';
import { dtypeName } from '../../ir/dtype.js';
import type { Tensor } from '../../ir/model.js';
import { allBytes } from '../../ir/numeric.js';
import { type Checkpoint, IDENTIFIER, type OptimizerGroup, type Properties, VERSION } from './checkpoint.js';
import {
  bytes,
  type Field,
  flag,
  float32,
  int32,
  int64,
  int64s,
  type Part,
  part,
  parts,
  table,
  text,
  writeFlat,
} from './flat-writer.js';

/** Fields in the order of checkpoint.ts; the documentation, texts and the place in another file are left out. */
function tensorPart({ name, dims, dtype, data }: Tensor): Part {
  if (!data) throw dtypeUnsupported(name, dtypeName(dtype), 'write a checkpoint');
  return table(text(name), undefined, int64s(dims), int32(dtype), bytes(allBytes(data)));
}

const tensors = (all: ReadonlyMap<string, Tensor>): Field =>
  parts([...all].map(([name, tensor]) => tensorPart({ ...tensor, name })));

const moduleOf = ({ trained, frozen }: Checkpoint): Part =>
  table(tensors(trained), tensors(frozen), flag(false), flag(false));

const groupPart = ({ name, step, initialLearningRate, states }: OptimizerGroup): Part =>
  table(
    text(name),
    int64(step),
    float32(initialLearningRate),
    parts([...states].map(([parameter, moments]) => table(text(parameter), tensors(moments)))),
  );

function propertiesPart({ ints, floats, texts }: Properties): Part {
  const all = <T>(values: ReadonlyMap<string, T>, field: (value: T) => Field) =>
    parts([...values].map(([name, value]) => table(text(name), field(value))));
  return table(all(ints, int64), all(floats, float32), all(texts, text));
}

/** The bytes of a checkpoint. Throws DTYPE_UNSUPPORTED for tensors of strings. */
export const encodeCheckpoint = (checkpoint: Checkpoint): Uint8Array =>
  writeFlat(
    IDENTIFIER,
    table(
      int32(VERSION),
      part(moduleOf(checkpoint)),
      parts(checkpoint.groups.map(groupPart)),
      part(propertiesPart(checkpoint.properties)),
    ),
  );
