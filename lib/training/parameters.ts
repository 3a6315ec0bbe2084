/** Which initializers of a model are trained. */
import { quoted, usage } from '../errors.js';
import { REAL_TYPES } from '../ir/dtype.js';
import type { Model, Node, Tensor } from '../ir/model.js';
import { tensorReals } from '../ir/numeric.js';
import { isHeld } from '../rules/gradient/held.js';

/** Names of parameters; `*` stands for any text. */
export interface ParameterChoice {
  /** Only these; all where left out. */
  readonly train?: readonly string[] | undefined;
  /** All but these. */
  readonly freeze?: readonly string[] | undefined;
}

/** From here on a number stands for infinity, as in masks of attention. */
const HUGE = 1e9;

/** Masks hold what no training would make. */
const isMask = (tensor: Tensor): boolean => tensorReals(tensor).some((value) => !(Math.abs(value) < HUGE));

/**
 * The initializers that can be trained: real numbers with axes (a scalar is a factor that the exporter wrote down), which some node
 * reads as a parameter and not as a setting or a running statistic. Masks are none.
 */
export function parametersOf({ graph }: Model): readonly Tensor[] {
  const read = new Set(graph.nodes.flatMap((node: Node) => node.inputs.filter((_, index) => !isHeld(node, index))));
  return [...graph.initializers.values()].filter(
    (tensor) => REAL_TYPES.has(tensor.dtype) && tensor.dims.length > 0 && read.has(tensor.name) && !isMask(tensor),
  );
}

/** The parameters that are chosen, in the order of the file. Throws USAGE for a name that fits none, and where none is left. */
export function chooseParameters(model: Model, { train, freeze = [] }: ParameterChoice): readonly Tensor[] {
  const all = parametersOf(model);
  const matches = (pattern: string) => {
    const found = all.filter(({ name }) => fits(name, pattern));
    if (found.length === 0)
      throw usage(`no parameter of ${quoted(model.label)} fits ${quoted(pattern)}`, `Parameters: ${namesOf(all)}.`);
    return found;
  };
  const wanted = new Set(train ? train.flatMap(matches) : all);
  for (const each of freeze.flatMap(matches)) wanted.delete(each);
  if (wanted.size === 0)
    throw usage(`${quoted(model.label)} has no parameter to train`, `Parameters: ${namesOf(all)}.`);
  return all.filter((each) => wanted.has(each));
}

const SHOWN = 8;

const namesOf = (all: readonly Tensor[]): string =>
  [...all.slice(0, SHOWN).map(({ name }) => name), ...(all.length > SHOWN ? ['..'] : [])].join(', ') || 'none';

/** Whether a name is the pattern, in which `*` stands for any text. */
function fits(name: string, pattern: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return name === pattern;
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
