/** Numbers as people read them. */

/** `62,006`. */
export const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** `1 group`, `3 groups`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** `250.3 kB`, in thousands as disks are sold. */
export function bytes(value: number): string {
  const power = value < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${power === 0 ? scaled : scaled.toFixed(1)} ${UNITS[power]}`;
}

/** `0.31 s`. */
export const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} s`;

/** Four digits of a difference or a loss, small ones as `1.907e-6`; `none` stands for what is no number. */
export function digits(value: number, none = 'infinite'): string {
  if (!Number.isFinite(value)) return none;
  const rounded = Number(value.toPrecision(4));
  return rounded !== 0 && Math.abs(rounded) < 1e-3 ? rounded.toExponential() : String(rounded);
}

/** An element as it is, to seven digits, as many as float32 has. */
export const exactly = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(7))) : String(value).replace('Infinity', 'infinite');
