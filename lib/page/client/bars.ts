/** A histogram as the outline of its bars, and in words. */
import type { Histogram } from '../data.js';

/** Where bars are drawn. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The most values in one bin of all of them; at least 1. */
export const tallest = (histograms: readonly Histogram[]): number =>
  histograms.reduce((most, { counts }) => counts.reduce((a, b) => Math.max(a, b), most), 1);

const short = (value: number): string => String(Math.round(value * 100) / 100);

/** The path (SVG `d`) around all bars; `most` values reach the top. '' for no bins. */
export function barsPath({ counts }: Histogram, most: number, { left, top, width, height }: Frame): string {
  if (counts.length === 0) return '';
  const bottom = top + height;
  const step = width / counts.length;
  const tops = counts.map((count) => bottom - (height * count) / most);
  const steps = tops.map((y, i) => `V${short(y)}H${short(left + (i + 1) * step)}`);
  return `M${short(left)} ${short(bottom)}${steps.join('')}V${short(bottom)}Z`;
}

/** A number for people: `0.0123`, `1.5e-7`. */
export const figure = (value: number): string => String(Number(value.toPrecision(3)));

/** `4,096 values from -0.31 to 0.29, most of them between -0.02 and 0`. */
export function histogramText({ low, high, counts, nonfinite }: Histogram): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const peak = counts.reduce((best, count, i) => (count > (counts[best] ?? 0) ? i : best), 0);
  const step = (high - low) / Math.max(1, counts.length);
  const range = `${total.toLocaleString('en')} values from ${figure(low)} to ${figure(high)}`;
  const most = total > 0 ? `, most often ${figure(low + peak * step)} to ${figure(low + (peak + 1) * step)}` : '';
  const bad = nonfinite > 0 ? `, and ${nonfinite.toLocaleString('en')} NaN or infinite` : '';
  return `${range}${most}${bad}`;
}
