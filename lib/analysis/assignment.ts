/** The best one-to-one assignment: which row goes with which column so that the sum of their values is largest. */

/** More rows than this are assigned greedily: the exact way takes time with their third power. */
export const MAX_ASSIGNED = 2048;

/** A matrix of values, row by row. */
export interface Values {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array | Float64Array;
}

/** For each row its column, -1 where there are fewer columns than rows. */
export type Assignment = Int32Array;

/**
 * The assignment with the largest sum, by shortest augmenting paths (Jonker and Volgenant, Computing 38, 1987; the form is that
 * of Crouse, IEEE Transactions on Aerospace and Electronic Systems 52, 2016). All values must be finite.
 */
export function bestAssignment(values: Values): Assignment {
  if (values.rows <= values.columns) return assign(values);
  const found = assign(transposed(values));
  const assignment = new Int32Array(values.rows).fill(-1);
  found.forEach((row, column) => {
    assignment[row] = column;
  });
  return assignment;
}

function transposed({ rows, columns, data }: Values): Values {
  const turned = new Float64Array(data.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = data[r * columns + c] as number;
  return { rows: columns, columns: rows, data: turned };
}

/** No more rows than columns. */
function assign({ rows, columns, data }: Values): Assignment {
  const [u, v] = [new Float64Array(rows), new Float64Array(columns)];
  const rowOf = new Int32Array(columns).fill(-1);
  const columnOf = new Int32Array(rows).fill(-1);
  const cheapest = new Float64Array(columns);
  const before = new Int32Array(columns);
  const done = new Uint8Array(columns);
  for (let start = 0; start < rows; start++) {
    cheapest.fill(Number.POSITIVE_INFINITY);
    done.fill(0);
    const seen: number[] = [];
    let [row, least, sink] = [start, 0, -1];
    while (sink < 0) {
      let [next, lowest] = [-1, Number.POSITIVE_INFINITY];
      seen.push(row);
      for (let c = 0; c < columns; c++) {
        if (done[c]) continue;
        const cost = least - (data[row * columns + c] as number) - (u[row] as number) - (v[c] as number);
        if (cost < (cheapest[c] as number)) {
          cheapest[c] = cost;
          before[c] = row;
        }
        const known = cheapest[c] as number;
        if (known < lowest || (known === lowest && rowOf[c] === -1)) [next, lowest] = [c, known];
      }
      least = lowest;
      done[next] = 1;
      if (rowOf[next] === -1) sink = next;
      else row = rowOf[next] as number;
    }
    u[start] = (u[start] as number) + least;
    for (const other of seen) {
      if (other === start) continue;
      u[other] = (u[other] as number) + least - (cheapest[columnOf[other] as number] as number);
    }
    for (let c = 0; c < columns; c++) if (done[c]) v[c] = (v[c] as number) - least + (cheapest[c] as number);
    for (let c = sink; c >= 0; ) {
      const own = before[c] as number;
      const previous = columnOf[own] as number;
      rowOf[c] = own;
      columnOf[own] = c;
      c = own === start ? -1 : previous;
    }
  }
  return columnOf;
}

/** Best columns of a row that a greedy assignment looks at. */
const CHOICES = 16;

/** An assignment that takes the largest value first, then the next that is free; rows left over take what columns are left. */
export function greedyAssignment({ rows, columns, data }: Values): Assignment {
  const choices: (readonly [value: number, row: number, column: number])[] = [];
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * columns, (row + 1) * columns);
    for (const column of largest(own, CHOICES)) choices.push([own[column] as number, row, column]);
  }
  choices.sort((a, b) => b[0] - a[0] || a[1] - b[1] || a[2] - b[2]);
  const assignment = new Int32Array(rows).fill(-1);
  const taken = new Uint8Array(columns);
  for (const [, row, column] of choices) {
    if (assignment[row] !== -1 || taken[column]) continue;
    assignment[row] = column;
    taken[column] = 1;
  }
  const free = [...taken.keys()].filter((column) => !taken[column]);
  for (let row = 0; row < rows; row++) if (assignment[row] === -1) assignment[row] = free.shift() ?? -1;
  return assignment;
}

/** The places of the largest values, largest first. */
function largest(values: Float32Array | Float64Array, count: number): readonly number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (best.length === count && value <= (values[best[count - 1] as number] as number)) continue;
    let at = best.length;
    while (at > 0 && (values[best[at - 1] as number] as number) < value) at--;
    best.splice(at, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}
