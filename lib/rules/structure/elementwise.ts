/** Neurons through operators that work element by element: they stay where they are. */
import { BINARY, BROADCASTS_SINCE, COMPARE, MICROSOFT, RUNTIME_ACTIVATIONS, UNARY, VARIADIC } from '../families.js';
import { type Row, rows } from '../table.js';
import type { Linearity, Relation, StructureContext, StructureRule } from './relation.js';
import { broadcast, inputName, outputName } from './support.js';

/** Each input broadcasts into each output that is present. */
function relate(context: StructureContext): readonly Relation[] {
  const present = (names: readonly string[]) => names.filter((name) => name !== '');
  const y = outputName(context);
  const others = present(context.node.outputs.slice(1)).flatMap((other) => broadcast(context, y, other));
  return [...present(context.node.inputs).flatMap((input) => broadcast(context, y, input)), ...others];
}

/** Only the first input counts: the others are scalars or options. */
const relateFirst = (context: StructureContext): readonly Relation[] => {
  const y = outputName(context);
  const mask = outputName(context, 1);
  return [...broadcast(context, y, inputName(context, 0)), ...(mask ? broadcast(context, y, mask) : [])];
};

const elementwise = (linearity: Linearity, added: readonly number[] = []): StructureRule => ({
  linearity,
  added,
  broadcasts: true,
  relate,
});
/** A bias there is a vector: one number is none. */
const biased: StructureRule = { ...elementwise('none'), broadcasts: false };
const first = (linearity: Linearity): StructureRule => ({ linearity, added: [], relate: relateFirst });

/** Sum and Mean take any number of inputs; constants behind these many must be equal in all members. */
const MANY = Array.from({ length: 32 }, (_, index) => index);

const LINEARITY: ReadonlyMap<string, StructureRule> = new Map([
  ['Add', elementwise('all', [0, 1])],
  ['Sub', elementwise('all', [0, 1])],
  ['Mul', elementwise('each')],
  ['Div', elementwise('first')],
]);

export const elementwiseStructure: readonly Row<StructureRule>[] = [
  ...rows(['Identity', 'Cast', 'CastLike', 'Dropout', 'Neg'], first('all')),
  ...rows(['BitCast', 'Bernoulli', 'RandomNormalLike', 'RandomUniformLike'], first('none')),
  ...rows(RUNTIME_ACTIVATIONS, biased, 1, MICROSOFT),
  ...rows(
    UNARY.filter((op) => op !== 'Neg'),
    first('none'),
  ),
  ...BINARY.map((op) => ({ op, since: BROADCASTS_SINCE, rule: LINEARITY.get(op) ?? elementwise('none') })),
  ...rows(['Sum', 'Mean'], elementwise('all', MANY)),
  ...rows(
    VARIADIC.filter((op) => op !== 'Sum' && op !== 'Mean'),
    elementwise('none'),
  ),
  ...rows([...COMPARE, 'PRelu', 'Where'], elementwise('none'), BROADCASTS_SINCE),
];
