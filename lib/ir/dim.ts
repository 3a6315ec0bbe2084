/**
 * Dimensions: a number, or a product of a number and symbols (`batch`, `4*batch`). Products are all that shapes of neural
 * networks need to stay exact through Reshape; anything else (a pooled symbolic height) becomes a new symbol.
 */

/** A length that is known only when the model runs: `coefficient` times the product of `symbols` (sorted, never empty). */
export interface SymbolicDim {
  readonly coefficient: number;
  readonly symbols: readonly string[];
}

/** The length of one axis. */
export type Dim = number | SymbolicDim;

/** The lengths of all axes of a value; undefined where even the rank is unknown. */
export type Shape = readonly Dim[];

/** A dimension known by name only. */
export const symbol = (name: string): SymbolicDim => ({ coefficient: 1, symbols: [name] });

export const isSymbolic = (dim: Dim): dim is SymbolicDim => typeof dim !== 'number';

const coefficientOf = (dim: Dim): number => (isSymbolic(dim) ? dim.coefficient : dim);
const symbolsOf = (dim: Dim): readonly string[] => (isSymbolic(dim) ? dim.symbols : []);

function product(coefficient: number, symbols: readonly string[]): Dim {
  return symbols.length === 0 || coefficient === 0 ? coefficient : { coefficient, symbols: [...symbols].sort() };
}

export const multiply = (a: Dim, b: Dim): Dim =>
  product(coefficientOf(a) * coefficientOf(b), [...symbolsOf(a), ...symbolsOf(b)]);

/** a + b where one symbol's multiples or numbers meet, else undefined: a sum of different symbols is no product. */
export function add(a: Dim, b: Dim): Dim | undefined {
  if (a === 0 || b === 0) return a === 0 ? b : a;
  const [left, right] = [symbolsOf(a), symbolsOf(b)];
  if (left.length !== right.length || left.some((name, i) => name !== right[i])) return undefined;
  return product(coefficientOf(a) + coefficientOf(b), left);
}

/** The product of all dimensions, 1 for none. */
export const productOf = (dims: readonly Dim[]): Dim => dims.reduce(multiply, 1);

/** a / b where that is exact, else undefined. */
export function divide(a: Dim, b: Dim): Dim | undefined {
  const [x, y] = [coefficientOf(a), coefficientOf(b)];
  if (y === 0 || x % y !== 0) return undefined;
  const left = [...symbolsOf(a)];
  for (const name of symbolsOf(b)) {
    const at = left.indexOf(name);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return product(x / y, left);
}

export const sameDim = (a: Dim, b: Dim): boolean => dimText(a) === dimText(b);

/** `8`, `batch`, `4*batch*heads`. */
export function dimText(dim: Dim): string {
  if (!isSymbolic(dim)) return String(dim);
  return [...(dim.coefficient === 1 ? [] : [dim.coefficient]), ...dim.symbols].join('*');
}

/** `[batch, 3, 32, 32]`, or `[?]` where the rank is unknown. */
export const shapeText = (shape: Shape | undefined): string => (shape ? `[${shape.map(dimText).join(', ')}]` : '[?]');
