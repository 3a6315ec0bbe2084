/** What two models differ in outside their nodes and weights: versions, producer, metadata, inputs and outputs. */
import type { FactsMap } from '../analysis/shapes.js';
import type { Model, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import type { Counterparts } from './counterparts.js';
import { type KnownSide, sameType, typeText } from './nodes.js';
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
  readonly change: 'same' | 'added' | 'removed' | 'changed' | 'moved' | 'renamed';
  readonly before: { readonly name: string; readonly type: string } | null;
  readonly after: { readonly name: string; readonly type: string } | null;
  /** What its name and type do not show. */
  readonly notes: readonly string[];
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

type Told = NonNullable<ValueDiff['before']>;

const told = (value: Value, { facts }: KnownSide): Told => ({
  name: value.name,
  type: typeText(typeOf(value, facts)),
});

/** For outputs of one name or place that are not made by partners; what is new or removed is told by its node. */
function makerNotes(own: string, other: string, values: Counterparts): readonly string[] {
  const wanted = values.ofA(own);
  if (wanted === undefined || values.ofB(other) === undefined || wanted === other) return [];
  return [`another value: what the first model gave here is ${JSON.stringify(wanted)} now`];
}

/** The pairs that stand in another order than in the first model. */
function movedOf(a: readonly Value[], b: readonly Value[], toB: ReadonlyMap<string, string>): ReadonlySet<string> {
  const place = new Map(b.map(({ name }, at) => [name, at]));
  const paired = a.flatMap(({ name }) => {
    const at = place.get(toB.get(name) ?? '');
    return at === undefined ? [] : [{ name, at }];
  });
  const sorted = [...paired].sort((x, y) => x.at - y.at);
  return new Set(paired.filter(({ name }, i) => sorted[i]?.name !== name).map(({ name }) => name));
}

function diffValues(
  side: ValueDiff['side'],
  [a, b]: readonly [readonly Value[], readonly Value[]],
  [ofA, ofB]: readonly [KnownSide, KnownSide],
  values: Counterparts,
): readonly ValueDiff[] {
  const names = pairNames(
    a.map(({ name }) => name),
    b.map(({ name }) => name),
  );
  const [toB, toA] = [new Map(names), new Map(names.map(([own, other]) => [other, own]))];
  const inB = new Map(b.map((value) => [value.name, value]));
  const moved = movedOf(a, b, toB);
  const kept = a.map((value): ValueDiff => {
    const other = inB.get(toB.get(value.name) ?? '');
    const before = told(value, ofA);
    if (!other) return { side, change: 'removed', before, after: null, notes: [] };
    const notes = makerNotes(value.name, other.name, values);
    const same = notes.length === 0 && sameType(typeOf(value, ofA.facts), typeOf(other, ofB.facts));
    const stays = value.name === other.name ? 'same' : 'renamed';
    const change = same ? (moved.has(value.name) ? 'moved' : stays) : 'changed';
    return { side, change, before, after: told(other, ofB), notes };
  });
  const added = b
    .filter((value) => !toA.has(value.name))
    .map((value): ValueDiff => ({ side, change: 'added', before: null, after: told(value, ofB), notes: [] }));
  return [...kept, ...added];
}

/** What became of the graphs' inputs and outputs, the same ones too. */
export const diffInterface = (a: KnownSide, b: KnownSide, values: Counterparts): readonly ValueDiff[] => {
  const [ours, theirs] = [a.side.graph, b.side.graph];
  return [
    ...diffValues('input', [fedInputs(ours), fedInputs(theirs)], [a, b], values),
    ...diffValues('output', [ours.outputs, theirs.outputs], [a, b], values),
  ];
};
