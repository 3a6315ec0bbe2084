/** What two models differ in outside their nodes and weights: versions, producer, metadata, inputs and outputs. */
import type { FactsMap } from '../analysis/shapes.js';
import type { Model, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { sameType, typeText } from './nodes.js';
import { pairNames } from './pair-names.js';

/** Something that a model says of itself; null where it does not. */
export interface HeaderChange {
  /** `IR version`, `opset`, `opset com.microsoft`, `producer`, `graph name`, `metadata KEY`, `local functions`. */
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What became of an input or output of the graph. */
export interface ValueDiff {
  readonly side: 'input' | 'output';
  readonly change: 'same' | 'added' | 'removed' | 'changed' | 'renamed';
  readonly before: { readonly name: string; readonly type: string } | null;
  readonly after: { readonly name: string; readonly type: string } | null;
}

function headerOf(model: Model): ReadonlyMap<string, string> {
  const functions = model.functions.map(({ domain, name }) => `${domain}::${name}`).sort();
  return new Map([
    ['IR version', String(model.irVersion)],
    ...[...model.opsets].map(([domain, version]) => [`opset ${domain}`.trim(), String(version)] as const),
    ['producer', model.producer],
    ['graph name', model.graph.name],
    ...[...model.metadata].map(([key, value]) => [`metadata ${key}`, value] as const),
    ...(functions.length > 0 ? [['local functions', functions.join(', ')] as const] : []),
  ]);
}

/** All differences of what the models say of themselves. */
export function diffHeaders(a: Model, b: Model): readonly HeaderChange[] {
  const [before, after] = [headerOf(a), headerOf(b)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((what) => ({ what, before: before.get(what) ?? null, after: after.get(what) ?? null }))
    .filter((each) => each.before !== each.after);
}

/** What a value is, by what is known of it and else by what is declared. */
const typeOf = (value: Value, facts: FactsMap | undefined) => facts?.get(value.name) ?? value;

function diffValues(
  side: ValueDiff['side'],
  a: readonly Value[],
  b: readonly Value[],
  factsA: FactsMap | undefined,
  factsB: FactsMap | undefined,
): readonly ValueDiff[] {
  const names = pairNames(
    a.map(({ name }) => name),
    b.map(({ name }) => name),
  );
  const [toB, toA] = [new Map(names), new Map(names.map(([own, other]) => [other, own]))];
  const inB = new Map(b.map((value) => [value.name, value]));
  const told = (value: Value, facts: FactsMap | undefined) => ({
    name: value.name,
    type: typeText(typeOf(value, facts)),
  });
  const ofA = a.map((value): ValueDiff => {
    const other = inB.get(toB.get(value.name) ?? '');
    const before = told(value, factsA);
    if (!other) return { side, change: 'removed', before, after: null };
    const same = sameType(typeOf(value, factsA), typeOf(other, factsB));
    const change = same ? (value.name === other.name ? 'same' : 'renamed') : 'changed';
    return { side, change, before, after: told(other, factsB) };
  });
  const added = b
    .filter((value) => !toA.has(value.name))
    .map((value): ValueDiff => ({ side, change: 'added', before: null, after: told(value, factsB) }));
  return [...ofA, ...added];
}

/** What became of the graph's inputs and outputs, the same ones too. */
export const diffInterface = (
  a: Model,
  b: Model,
  factsA: FactsMap | undefined,
  factsB: FactsMap | undefined,
): readonly ValueDiff[] => [
  ...diffValues('input', fedInputs(a.graph), fedInputs(b.graph), factsA, factsB),
  ...diffValues('output', a.graph.outputs, b.graph.outputs, factsA, factsB),
];
