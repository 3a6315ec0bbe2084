/** Equations of Einsum (ONNX 12): for each axis of operands and result the letter that names it. */

/** A parsed equation; the axes behind an ellipsis have names of their own, counted from the last one. */
export interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** The names of one side: letters, and for an ellipsis as many names as there are axes left of `rank`. */
function namesOf(term: string, rank: number): readonly string[] | undefined {
  const [front = '', back, ...more] = term.split('...');
  if (more.length > 0 || !/^[A-Za-z]*$/.test(front + (back ?? ''))) return undefined;
  const between = rank - front.length - (back ?? '').length;
  if (back === undefined ? between !== 0 : between < 0) return undefined;
  const dots = Array.from({ length: Math.max(0, between) }, (_, i) => `.${between - 1 - i}`);
  return [...front, ...dots, ...(back ?? '')];
}

/** Without an arrow the result has what all ellipses name, then the letters that stand once, in order. */
function implied(operands: readonly (readonly string[])[]): readonly string[] {
  const all = operands.flat();
  const dots = [...new Set(all.filter((name) => name.startsWith('.')))].sort().reverse();
  const once = all.filter((name) => !name.startsWith('.') && all.indexOf(name) === all.lastIndexOf(name));
  return [...dots, ...once.sort()];
}

/** Reads an equation for operands of these ranks; undefined where it makes no sense. */
export function parseEquation(equation: string, ranks: readonly number[]): Equation | undefined {
  const [left = '', right, ...more] = equation.replace(/\s/g, '').split('->');
  const terms = left.split(',');
  if (more.length > 0 || terms.length !== ranks.length) return undefined;
  const operands = terms.map((term, i) => namesOf(term, ranks[i] as number));
  if (operands.includes(undefined)) return undefined;
  const known = operands as readonly (readonly string[])[];
  if (right === undefined) return { operands: known, output: implied(known) };
  const dots = Math.max(0, ...known.map((names) => names.filter((name) => name.startsWith('.')).length));
  const letters = right.replace('...', '').length;
  const output = namesOf(right, right.includes('...') ? letters + dots : letters);
  const named = new Set(known.flat());
  return output?.every((name, i) => named.has(name) && output.indexOf(name) === i)
    ? { operands: known, output }
    : undefined;
}
