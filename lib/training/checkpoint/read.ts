/** Reads checkpoints of onnxruntime-training without trusting them. */
import { quoted } from '../../errors.js';
import { memoryBytes } from '../../ir/bytes.js';
import { byteLength, dtypeName } from '../../ir/dtype.js';
import type { Tensor } from '../../ir/model.js';
import { elementCount } from '../../ir/numeric.js';
import { MAX_ELEMENTS, MAX_RANK } from '../../limits.js';
import { type Checkpoint, FIELDS, IDENTIFIER, type OptimizerGroup, type Properties, VERSION } from './checkpoint.js';
import { FlatFile, type FlatTable } from './flat-reader.js';

/** Says that a tensor's elements lie in the file itself. */
const INSIDE = -1;

function tensorOf(table: FlatTable): Tensor {
  const { name: n, dims: d, dtype: t, data: r, externalOffset } = FIELDS.tensor;
  const [name, dims, dtype, bytes] = [table.text(n), table.int64s(d), table.int32(t, 0), table.bytes(r)];
  const refuse = (why: string) => table.refuse(`tensor ${quoted(name)} ${why}`);
  if (table.int64(externalOffset, INSIDE) !== INSIDE) return refuse('lies in another file');
  const size = elementCount(dims);
  if (dims.length > MAX_RANK || dims.some((dim) => dim < 0) || !(size <= MAX_ELEMENTS)) return refuse('has no shape');
  const length = byteLength(dtype, size);
  if (length === undefined) return refuse(`is of ${dtypeName(dtype)}`);
  const found = bytes?.length ?? 0;
  if (found !== length) return refuse(`has ${found} bytes instead of ${length}`);
  return { name, dtype, dims, data: memoryBytes(bytes ?? new Uint8Array()) };
}

/** Entries by name, each name once. */
function named<T>(table: FlatTable, what: string, entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  const all = new Map(entries);
  if (all.size < entries.length) table.refuse(`it names ${what} twice`);
  return all;
}

const tensorsOf = (table: FlatTable, field: number, what: string): ReadonlyMap<string, Tensor> =>
  named(
    table,
    what,
    table.tables(field).map((each) => {
      const tensor = tensorOf(each);
      return [tensor.name, tensor];
    }),
  );

function groupOf(table: FlatTable): OptimizerGroup {
  const { name, step, initialLearningRate, states } = FIELDS.group;
  const { parameter, moments } = FIELDS.state;
  return {
    name: table.text(name),
    step: table.int64(step, 0),
    initialLearningRate: table.float32(initialLearningRate),
    states: named(
      table,
      "a parameter's state",
      table.tables(states).map((state) => [state.text(parameter), tensorsOf(state, moments, 'a moment')]),
    ),
  };
}

const { ints, floats, texts } = FIELDS.properties;

function propertiesOf(table: FlatTable | undefined): Properties {
  const { name, value } = FIELDS.property;
  const all = <T>(field: number, get: (each: FlatTable) => T): ReadonlyMap<string, T> =>
    table
      ? named(
          table,
          'a property',
          table.tables(field).map((each) => [each.text(name), get(each)]),
        )
      : new Map();
  return {
    ints: all(ints, (each) => each.int64(value, 0)),
    floats: all(floats, (each) => each.float32(value)),
    texts: all(texts, (each) => each.text(value)),
  };
}

/**
 * Parses a checkpoint (a flatbuffer `ODTC`, version 2). Tensors are views of `bytes`. Throws CHECKPOINT_FORMAT, also for a nominal
 * checkpoint (one without the parameters' values) and one whose elements lie in another file.
 */
export function parseCheckpoint(bytes: Uint8Array, path: string): Checkpoint {
  const file = new FlatFile(bytes, path);
  if (file.identifier() !== IDENTIFIER) file.refuse(`it does not say ${IDENTIFIER}`);
  const root = file.root();
  const { version, module: m, groups, properties } = FIELDS.checkpoint;
  const found = root.int32(version, 0);
  if (found !== VERSION) file.refuse(`it is of version ${found}, not ${VERSION}`);
  const module = root.table(m);
  if (module?.flag(FIELDS.module.isNominal)) file.refuse('it is a nominal one, without the values of parameters');
  if (module?.flag(FIELDS.module.hasExternalData)) file.refuse('its elements lie in another file');
  const [trained, frozen] = [FIELDS.module.trained, FIELDS.module.frozen].map((field) =>
    module ? tensorsOf(module, field, 'a parameter') : new Map<string, Tensor>(),
  ) as [ReadonlyMap<string, Tensor>, ReadonlyMap<string, Tensor>];
  return {
    trained,
    frozen,
    groups: root.tables(groups).map(groupOf),
    properties: propertiesOf(root.table(properties)),
  };
}
