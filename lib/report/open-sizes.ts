/** Lengths that a model leaves open, and the model at given ones. */
import { quoted, usage } from '../errors.js';
import { type Dim, isSymbolic, multiply, type Shape } from '../ir/dim.js';
import type { Model, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';

/** Lengths to count open axes with. */
export interface SizeOptions {
  /** Of the first axis of every input that leaves it open; 1 unless told. */
  readonly batch?: number | undefined;
  /** Of open axes by the name that the file gives them (`height`, `sequence`); 1 unless told. */
  readonly sizes?: ReadonlyMap<string, number> | undefined;
}

/** The names of all open lengths of the inputs. */
const openNames = (model: Model): ReadonlySet<string> =>
  new Set(fedInputs(model.graph).flatMap(({ shape }) => (shape ?? []).flatMap(symbolsOf)));

const symbolsOf = (dim: Dim): readonly string[] => (isSymbolic(dim) ? dim.symbols : []);

/** The names of open first axes. */
const batchNames = (model: Model): readonly string[] =>
  fedInputs(model.graph).flatMap(({ shape }) => (shape ?? []).slice(0, 1).flatMap(symbolsOf));

function checkLength(option: string, length: number): void {
  if (Number.isSafeInteger(length) && length >= 1) return;
  throw usage(`${option} is a whole number from 1 up, not ${length}`);
}

/** Which open length gets which size. Throws USAGE for a size that is none, and for a name that no input has. */
export function sizesOf(model: Model, { batch, sizes }: SizeOptions): ReadonlyMap<string, number> {
  const given = new Map(sizes);
  const open = openNames(model);
  for (const [name, length] of given) {
    checkLength(`--size ${quoted(name)}`, length);
    if (open.has(name)) continue;
    const names = [...open].map(quoted).join(', ');
    const advice = names === '' ? 'Its inputs have fixed lengths.' : `Its inputs leave open ${names}.`;
    throw usage(`no input of ${quoted(model.label)} has an axis of open length ${quoted(name)}`, advice);
  }
  if (batch === undefined) return given;
  checkLength('--batch', batch);
  const first = batchNames(model);
  if (first.length === 0) {
    throw usage(`no input of ${quoted(model.label)} leaves its first axis open`, 'Leave --batch out.');
  }
  return new Map([...first.map((name) => [name, batch] as const), ...given]);
}

const settled = (dim: Dim, sizes: ReadonlyMap<string, number>): Dim =>
  isSymbolic(dim)
    ? dim.symbols.reduce<Dim>((product, name) => {
        const size = sizes.get(name);
        return multiply(product, size ?? { coefficient: 1, symbols: [name] });
      }, dim.coefficient)
    : dim;

/** The model whose inputs, outputs and noted values have these lengths in place of open ones. */
export function atSizes(model: Model, sizes: ReadonlyMap<string, number>): Model {
  if (sizes.size === 0) return model;
  const shapeAt = (shape: Shape): Shape => shape.map((dim) => settled(dim, sizes));
  const at = (value: Value): Value => (value.shape ? { ...value, shape: shapeAt(value.shape) } : value);
  const { graph } = model;
  const [inputs, outputs, valueInfo] = [graph.inputs, graph.outputs, graph.valueInfo].map((each) => each.map(at));
  return { ...model, graph: { ...graph, inputs: inputs ?? [], outputs: outputs ?? [], valueInfo: valueInfo ?? [] } };
}
