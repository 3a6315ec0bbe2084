/** Tables of rules: one per concern, keyed by domain, operator and the opset range in which a rule holds. */
import type { Node } from '../ir/model.js';

/** One row: a rule for one operator from opset `since` on (up to the next row of that operator). */
export interface Row<Rule> {
  readonly op: string;
  /** '' for ONNX's own operators. */
  readonly domain?: string;
  readonly since?: number;
  readonly rule: Rule;
}

/** All rows of a concern by `domain::op`, newest first. */
export type Table<Rule> = ReadonlyMap<string, readonly Row<Rule>[]>;

/** `Conv`, `com.microsoft::Gelu`: an operator as tables and people name it. */
export const opKey = (domain: string, op: string): string => (domain === '' ? op : `${domain}::${op}`);

/** Rows that share a rule: `rows(['Relu', 'Tanh'], unary)`. */
export const rows = <Rule>(ops: readonly string[], rule: Rule, since = 1, domain = ''): readonly Row<Rule>[] =>
  ops.map((op) => ({ op, domain, since, rule }));

/** Families of rows put together to the table of a concern. */
export function tableOf<Rule>(...families: readonly (readonly Row<Rule>[])[]): Table<Rule> {
  const table = new Map<string, Row<Rule>[]>();
  for (const row of families.flat()) {
    const at = opKey(row.domain ?? '', row.op);
    table.set(
      at,
      [...(table.get(at) ?? []), row].sort((a, b) => (b.since ?? 1) - (a.since ?? 1)),
    );
  }
  return table;
}

/** The rule for this node, or undefined where the table has none for its operator and opset. */
export function ruleFor<Rule>(table: Table<Rule>, node: Node, opset: number): Rule | undefined {
  return table.get(opKey(node.domain, node.opType))?.find((row) => (row.since ?? 1) <= opset)?.rule;
}
