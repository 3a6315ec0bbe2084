/** A page in Chromium: opened, driven, watched. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Chromium is: the variable CHROMIUM, else where distributions put it. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Whether there is one. */
export const hasChromium = (): boolean => existsSync(CHROMIUM);

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-gpu-vsync',
  '--disable-frame-rate-limit',
];

/** A page and all that went wrong on it. */
export interface Opened {
  readonly page: Page;
  /** Console errors, exceptions, dialogs, and requests to anything but the file itself. */
  readonly troubles: readonly string[];
}

/** Starts the browser without a frame-rate limit, so that frames take as long as they take. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ARGS, ignoreDefaultArgs: ['--headless=old'] });

/** Opens a file: URL. */
export async function open(
  browser: Browser,
  url: string,
  options: { readonly theme?: 'light' | 'dark'; readonly width?: number; readonly height?: number } = {},
): Promise<Opened> {
  const { theme = 'light', width = 1440, height = 900 } = options;
  const page = await browser.newPage({ colorScheme: theme, viewport: { width, height } });
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url) troubles.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, troubles };
}

/** Milliseconds from navigation to the first contentful paint. */
export const firstPaint = (page: Page): Promise<number> =>
  page.evaluate(
    `new Promise((resolve) => new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === 'first-contentful-paint') resolve(entry.startTime);
    }).observe({ type: 'paint', buffered: true }))`,
  );

/** Median and worst. */
export interface Frames {
  readonly median: number;
  readonly worst: number;
}

function framesOf(times: readonly number[]): Frames {
  const sorted = [...times].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, worst: sorted.at(-1) ?? Number.NaN };
}

/** Milliseconds from frame to frame while a wheel turns once in each: in, then out again; or moves, with shift. */
export async function wheelFrames(page: Page, shift: boolean, steps = 80): Promise<Frames> {
  const times = (await page.evaluate(`new Promise((resolve) => {
    const canvas = document.querySelector('.graph');
    const times = [];
    let step = 0;
    let last = performance.now();
    const frame = () => {
      const now = performance.now();
      if (step > 1) times.push(now - last);
      last = now;
      if (step === ${steps}) return resolve(times);
      const back = step < ${steps} / 2 ? -1 : 1;
      const more = ${shift} ? { deltaX: 1, deltaY: back * 40 } : { deltaY: back * 60 };
      canvas.dispatchEvent(new WheelEvent('wheel', { clientX: 800, clientY: 420, cancelable: true, ...more }));
      step += 1;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  })`)) as readonly number[];
  return framesOf(times);
}
