/** Text in columns. */
import { quoted } from '../../lib/errors.js';

/** A name from a file, safe to print, without quotes. */
export const bare = (name: string): string => (name === '' ? '""' : quoted(name).slice(1, -1).replaceAll('\\"', '"'));

/** Cuts a text in its middle so that it takes `width` columns. */
export function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  const kept = Math.max(1, width - 1);
  const front = Math.ceil(kept / 2);
  return `${text.slice(0, front)}…${text.slice(text.length - (kept - front))}`;
}

export interface Column {
  readonly head?: string;
  /** Numbers stand right. */
  readonly right?: boolean;
  /** Paints a cell after it was padded. */
  readonly paint?: (cell: string) => string;
}

/** Between two columns. */
export const GAP = '  ';

/** The characters that a column takes, its head included. */
export const columnWidth = (head: string, rows: readonly (readonly string[])[], at: number): number =>
  rows.reduce((most, row) => Math.max(most, (row[at] ?? '').length), head.length);

/**
 * Lines of a table; the first column is cut where it would not fit. No space at the end of a line. Heads are left out
 * where no column has one.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paintHead: (head: string) => string = (head) => head,
): readonly string[] {
  const heads = columns.map(({ head = '' }) => head);
  const headed = heads.some((head) => head !== '');
  const widths = heads.map((head, at) => columnWidth(head, rows, at));
  const rest = widths.slice(1).reduce((total, each) => total + each + GAP.length, 0);
  widths[0] = Math.min(widths[0] ?? 0, Math.max(12, width - rest));
  const line = (cells: readonly string[], paint: (cell: string, at: number) => string) =>
    columns
      .map(({ right }, at) => {
        const own = widths[at] as number;
        const cell = at === 0 ? shortened(cells[at] ?? '', own) : (cells[at] ?? '');
        const last = at === columns.length - 1 && !right;
        return paint(right ? cell.padStart(own) : last ? cell : cell.padEnd(own), at);
      })
      .join(GAP)
      .trimEnd();
  const body = rows.map((row) => line(row, (cell, at) => columns[at]?.paint?.(cell) ?? cell));
  return headed ? [line(heads, paintHead), ...body] : body;
}

/** A long text in lines of at most `width` columns; the first begins with `first`, the others with `then`. */
export function wrapped(text: string, width: number, first: string, then: string): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      [line, empty] = [then, true];
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
