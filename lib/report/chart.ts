/** Lines over steps as SVG text: axes with round ticks, a mark at each point that tells its value, colours from the page's CSS. */

/** A line: its points in the order of `x`; where `y` is no finite number the line is broken. */
export interface Series {
  readonly name: string;
  /** The CSS class that gives it its colour. */
  readonly style: string;
  readonly points: readonly { readonly x: number; readonly y: number | undefined }[];
}

export interface Chart {
  readonly title: string;
  readonly xTitle: string;
  readonly series: readonly Series[];
  /** The last `x`; the first is 0. */
  readonly last: number;
  /** How values are written. */
  readonly text: (value: number) => string;
  /** An `x` to point out, and why. */
  readonly mark?: { readonly x: number; readonly text: string } | undefined;
}

const [WIDTH, HEIGHT] = [560, 336];
const AREA = { left: 64, right: 16, top: 56, bottom: 48 };
/** About so many steps between ticks. */
const TICKS = 5;

/** Text that is safe in HTML and in attributes. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** 1, 2 or 5 times a power of ten, so that a span has about `TICKS` of them; whole numbers where asked. */
function tickStep(span: number, whole: boolean): number {
  const rough = span / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10;
  return whole ? Math.max(1, Math.round(factor * power)) : factor * power;
}

/** Round numbers from below `low` to above `high`. */
export function ticksOf(low: number, high: number, whole = false): readonly number[] {
  const step = tickStep(high - low || Math.abs(high) || 1, whole);
  const [from, to] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const many = Math.max(1, to - from);
  // Divided where the step is below 1: 3 * 0.1 is 0.30000000000000004.
  const value = (i: number) => (step < 1 ? i / Math.round(1 / step) : i * step);
  return Array.from({ length: many + 1 }, (_, i) => value(from + i));
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

const isPoint = (y: number | undefined): y is number => y !== undefined && Number.isFinite(y);

function scalesOf({ series, last }: Chart): Scales {
  const values = series.flatMap(({ points }) => points.map(({ y }) => y)).filter(isPoint);
  const yTicks = ticksOf(Math.min(...values), Math.max(...values));
  const [low = 0, high = 1] = [yTicks[0], yTicks.at(-1)];
  const end = Math.max(1, last);
  const inner = { width: WIDTH - AREA.left - AREA.right, height: HEIGHT - AREA.top - AREA.bottom };
  return {
    x: (value) => AREA.left + (value / end) * inner.width,
    y: (value) => HEIGHT - AREA.bottom - ((value - low) / (high - low)) * inner.height,
    xTicks: ticksOf(0, end, true).filter((tick) => tick <= end),
    yTicks,
  };
}

function axes({ title, xTitle, text }: Chart, { x, y, xTicks, yTicks }: Scales): readonly string[] {
  const [left, right, bottom] = [AREA.left, WIDTH - AREA.right, HEIGHT - AREA.bottom];
  return [
    `<text class="title" x="${left}" y="20">${escaped(title)}</text>`,
    ...yTicks.flatMap((tick) => [
      `<line class="grid" x1="${left}" y1="${round(y(tick))}" x2="${right}" y2="${round(y(tick))}"/>`,
      `<text class="tick" x="${left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${escaped(text(tick))}</text>`,
    ]),
    ...xTicks.map(
      (tick) => `<text class="tick" x="${round(x(tick))}" y="${bottom + 18}" text-anchor="middle">${tick}</text>`,
    ),
    `<line class="axis" x1="${left}" y1="${bottom}" x2="${right}" y2="${bottom}"/>`,
    `<text class="tick" x="${(left + right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escaped(xTitle)}</text>`,
  ];
}

function pathOf({ points }: Series, { x, y }: Scales): string {
  let drawing = false;
  return points
    .flatMap((point) => {
      const command = drawing ? 'L' : 'M';
      drawing = isPoint(point.y);
      return isPoint(point.y) ? [`${command}${round(x(point.x))} ${round(y(point.y))}`] : [];
    })
    .join(' ');
}

/** Most points that get marks of their own. */
const MARKED = 60;

function line(series: Series, scales: Scales, { text, xTitle }: Chart): readonly string[] {
  const { name, style, points } = series;
  const radius = points.length > MARKED ? 1.5 : 3.5;
  return [
    `<path class="line ${style}" d="${pathOf(series, scales)}"/>`,
    ...points.flatMap(({ x, y }) =>
      isPoint(y)
        ? [
            `<circle class="${style}" cx="${round(scales.x(x))}" cy="${round(scales.y(y))}" r="${radius}">` +
              `<title>${escaped(`${name}, ${xTitle} ${x}: ${text(y)}`)}</title></circle>`,
          ]
        : [],
    ),
  ];
}

function marked({ mark }: Chart, { x }: Scales): readonly string[] {
  if (!mark) return [];
  const at = x(mark.x);
  const anchor = at > WIDTH / 2 ? 'end' : 'start';
  return [
    `<line class="mark" x1="${round(at)}" y1="${AREA.top}" x2="${round(at)}" y2="${HEIGHT - AREA.bottom}"/>`,
    `<text class="tick" x="${round(at + (anchor === 'end' ? -6 : 6))}" y="${AREA.top - 8}" text-anchor="${anchor}">${escaped(mark.text)}</text>`,
  ];
}

/** Names of the lines with their colours, at the upper right. */
function legend({ series }: Chart): readonly string[] {
  const width = 92;
  return series.flatMap(({ name, style }, i) => {
    const at = WIDTH - AREA.right - (series.length - i) * width;
    return [
      `<path class="line ${style}" d="M${at} 16 L${at + 22} 16"/>`,
      `<circle class="${style}" cx="${at + 11}" cy="16" r="3.5"/>`,
      `<text class="tick" x="${at + 28}" y="20">${escaped(name)}</text>`,
    ];
  });
}

/** The SVG element; empty where no series has a point. */
export function chartSvg(chart: Chart): string {
  const some = chart.series.some(({ points }) => points.some(({ y }) => isPoint(y)));
  if (!some) return '';
  const scales = scalesOf(chart);
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(chart.title)}">`,
    ...axes(chart, scales),
    ...marked(chart, scales),
    ...chart.series.flatMap((series) => line(series, scales, chart)),
    ...legend(chart),
    '</svg>',
  ].join('\n');
}
