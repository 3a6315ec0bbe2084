/**
 * Neurons through Einsum: axes of one letter are the same, and a letter that is summed away contracts. Each operand may be the
 * weight of a layer, from the letters that it shares with the other and the result lacks, to those that it brings alone.
 */
import { type Dim, isSymbolic, sameDim } from '../../ir/dim.js';
import { stringOf } from '../../ir/nodes.js';
import { parseEquation } from '../einsum.js';
import { type Row, rows } from '../table.js';
import type { AxisRef, Layer, Relation, StructureContext, StructureRule } from './relation.js';
import { axis, fixed, fixedValue, outputName, same } from './support.js';

/** A value with the letters of its axes. */
interface Term {
  readonly value: string;
  readonly names: readonly string[];
}

const at = ({ value, names }: Term, name: string): AxisRef => axis(value, names.indexOf(name));

/** Axes of one letter; one of length 1 that stretches is fixed. */
function letters(context: StructureContext, terms: readonly Term[]): readonly Relation[] {
  const lengthOf = (ref: AxisRef): Dim => context.shape(ref.value)[ref.axis] ?? 1;
  return [...new Set(terms.flatMap(({ names }) => names))].flatMap((name): readonly Relation[] => {
    const refs = terms.filter(({ names }) => names.includes(name)).map((term) => at(term, name));
    const long = refs.find((ref) => lengthOf(ref) !== 1) ?? (refs[0] as AxisRef);
    return refs.flatMap((ref) => {
      if (ref === long) return [];
      const fits = sameDim(lengthOf(ref), lengthOf(long)) || (isSymbolic(lengthOf(ref)) && isSymbolic(lengthOf(long)));
      return [fits ? same(long, ref) : fixed(ref, 'broadcast against a longer axis')];
    });
  });
}

/** The layers that one operand is the weight of: from each contracted letter to each that it brings. */
function layersOf(weight: Term, other: Term, output: Term): readonly Layer[] {
  const ins = weight.names.filter((name) => other.names.includes(name) && !output.names.includes(name));
  const brought = weight.names.filter((name) => output.names.includes(name) && !other.names.includes(name));
  return ins.flatMap((into) =>
    (brought.length > 0 ? brought : [undefined]).map(
      (out): Layer => ({
        kind: 'layer',
        family: 'linear',
        weight: weight.value,
        out: out === undefined ? -1 : weight.names.indexOf(out),
        in: weight.names.indexOf(into),
        input: at(other, into),
        output: out === undefined ? axis(output.value, output.names.length - 1) : at(output, out),
      }),
    ),
  );
}

/**
 * Several letters that a constant gives the result (heads and their features) are factors: one of them holds the neurons.
 * With neurons on two axes what lies between members would have to be kept zero.
 */
function factors(context: StructureContext, weight: Term, output: Term): readonly Relation[] {
  const refs = output.names.filter((name) => weight.names.includes(name)).map((name) => at(output, name));
  const lengths = refs.map((ref) => context.shape(ref.value)[ref.axis] ?? 1);
  if (refs.length < 2 || !context.isConstant(weight.value) || lengths.some(isSymbolic)) return [];
  const whole = context.virtual(
    `given by ${weight.value}`,
    (lengths as readonly number[]).reduce((a, b) => a * b, 1),
  );
  return [{ kind: 'composite', whole, parts: refs }];
}

/** Letters that are summed over without being multiplied, or multiplied by more than one other operand. */
function sums(terms: readonly Term[], output: Term): readonly Relation[] {
  return terms.flatMap((term) =>
    term.names
      .filter((name) => !output.names.includes(name))
      .filter((name) => terms.length > 2 || terms.every((other) => other === term || !other.names.includes(name)))
      .map((name): Relation => ({ kind: 'mixes', at: at(term, name), why: 'Einsum sums over neurons' })),
  );
}

const einsum: StructureRule = {
  linearity: 'each',
  added: [],
  limits: 'diagonals (a letter twice in one operand) are fixed',
  relate: (context) => {
    const { inputs } = context.node;
    const equation = parseEquation(
      stringOf(context.node, 'equation', ''),
      inputs.map((value) => context.shape(value).length),
    );
    const repeats = equation?.operands.some((names) => new Set(names).size < names.length);
    if (!equation || repeats) {
      const why = 'an Einsum that takes a diagonal';
      return [...inputs, outputName(context)].flatMap((value) => fixedValue(context, value, why));
    }
    const terms = inputs.map((value, i): Term => ({ value, names: equation.operands[i] ?? [] }));
    const output: Term = { value: outputName(context), names: equation.output };
    const [a, b] = terms;
    const pairs =
      a && b && terms.length === 2
        ? ([
            [b, a],
            [a, b],
          ] as const)
        : [];
    return [
      ...letters(context, [...terms, output]),
      ...pairs.flatMap(([weight, other]) => [...layersOf(weight, other, output), ...factors(context, weight, output)]),
      ...sums(terms, output),
    ];
  },
};

export const einsumStructure: readonly Row<StructureRule>[] = rows(['Einsum'], einsum, 12);
