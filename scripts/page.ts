/**
 * `npm run page -- [--out FOLDER] [MODEL..]`: pages of a small network, of two, of a fusion, of all that a page can show, of a
 * network of 2,000 nodes and of the given model files, opened in Chromium (variable CHROMIUM), driven and measured. Fails on an error, on a request,
 * and on a name that is read as HTML. Writes pages and pictures of them, light and dark, to the folder.
 */
import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { wholeView } from '../lib/page/client/view.js';
import type { PageData } from '../lib/page/data.js';
import { graphPage, type PageContent } from '../lib/page/page.js';
import { CHROMIUM, firstPaint, hasChromium, launch, open, wheelFrames } from './page/browser.js';
import { compared, deepPage, fusedPage, HOSTILE, inspected, made } from './page/samples.js';

const member = (name: string) => fileURLToPath(new URL(`../../fixtures/members/${name}.onnx`, import.meta.url));

const MANY = Array.from({ length: 11 }, (_, i) => `member-${i + 1}.onnx`);

interface Sample {
  readonly name: string;
  readonly data: PageData;
}

/** Where a sample's page lies. */
const pathOf = (out: string, name: string) => join(out, `${name}.html`);

type Maker = (folder: string, html: string) => Promise<PageData>;

/** The pages by name, each with what makes it. */
function makers(models: readonly string[]): ReadonlyMap<string, Maker> {
  const [cnn0, cnn1] = [member('digits-cnn0'), member('digits-cnn1')];
  return new Map<string, Maker>([
    ['digits-cnn', (_, html) => inspected(cnn0, html)],
    ['digits-cnn-diff', (_, html) => compared(cnn0, member('digits-cnn0-folded'), html)],
    ['digits-cnn-fused', (folder, html) => fusedPage([cnn0, cnn1], folder, html)],
    [
      'everything',
      async (_, html) => {
        const data = made(await inspected(cnn1, html), MANY);
        writeFileSync(html, await graphPage(data));
        return data;
      },
    ],
    ...models.map((path): [string, Maker] => [basename(path, '.onnx'), (_, html) => inspected(path, html)]),
    ['deep-2000', (folder, html) => deepPage(2000, folder, html)],
  ]);
}

const need = (holds: boolean, what: string) => {
  if (!holds) throw new Error(`the page fails: ${what}`);
};

const selected = (page: Page) =>
  page.evaluate(`document.querySelector('[role=option][aria-selected=true]')?.dataset.node ?? ''`);

/** What a reader does, by mouse and by keyboard; each step must show. */
async function drive(page: Page, { nodes }: PageData): Promise<void> {
  await page.locator('.graph').focus();
  if (nodes.some(({ change }) => change !== 'same')) {
    await page.keyboard.press('n');
    const first = String(nodes.findIndex(({ change }) => change !== 'same'));
    need((await selected(page)) === first, `n must choose the first change, ${first}`);
    await page.keyboard.press('n');
    await page.keyboard.press('p');
    need((await selected(page)) === first, 'p must go back');
  }
  await page.keyboard.press('/');
  await page.keyboard.type((nodes[1]?.name ?? '').slice(0, 20) || (nodes[1]?.op ?? ''));
  await page.keyboard.press('Enter');
  await page.waitForSelector('.panel:not([hidden]) h2');
  await page.keyboard.press('Escape');
  need((await page.inputValue('.search')) === '', 'Escape must empty the search');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  need(await page.locator('.panel').isHidden(), 'Escape must close the panel');
  await page.locator('.list').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  need((await selected(page)) === '1', 'the list must be walked by arrows');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.panel:not([hidden])');
  await page.keyboard.press('?');
  await page.waitForSelector('.help:not([hidden])');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  const before = await page.evaluate('document.documentElement.dataset.theme ?? ""');
  await page.keyboard.press('t');
  need((await page.evaluate('document.documentElement.dataset.theme')) !== before, 't must change the theme');
  await page.keyboard.press('t');
}

/** A press on a box must choose its node; a press on a change's button must filter the list. */
async function point(page: Page, { nodes }: PageData): Promise<void> {
  await page.locator('.graph').focus();
  await page.keyboard.press('0');
  await page.waitForTimeout(400);
  const { layout } = JSON.parse((await page.locator('#data').textContent()) ?? '') as PageContent;
  const area = await page.locator('.graph').boundingBox();
  const last = nodes.length - 1;
  const [x, y, width, height] = layout.boxes[last] ?? [0, 0, 0, 0];
  if (!area) throw new Error('the page fails: no canvas');
  const { scale, left, top } = wholeView(layout, area);
  if (height * scale > 4) {
    await page.mouse.click(area.x + left + (x + width / 2) * scale, area.y + top + (y + height / 2) * scale);
    need((await selected(page)) === String(last), 'a press on a box must choose its node');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  }
  if ((await page.locator('.chip').count()) === 0) return;
  await page.locator('.chip').first().click();
  need(/ of /.test((await page.locator('.bar').textContent()) ?? ''), 'a button of a change must filter');
  await page.locator('.chip').first().click();
}

async function hostileIsText(page: Page, { nodes }: PageData): Promise<void> {
  const index = nodes.findIndex(({ name }) => name === HOSTILE);
  if (index < 0) return;
  await page.fill('.search', 'onerror=alert');
  await page.press('.search', 'Enter');
  const text = (await page.locator('.panel').textContent()) ?? '';
  need(text.includes(HOSTILE), 'a name with markup must be shown as it is');
  need((await page.locator('.panel img, .row img').count()) === 0, 'a name must not become an element');
  await page.keyboard.press('Escape');
  await page.fill('.search', '');
}

async function pictures(browser: Browser, url: string, { name, data }: Sample, out: string): Promise<void> {
  const index = data.nodes.findIndex(({ tensors, change }) => tensors.length > 0 && change !== 'same');
  const shown = index < 0 ? data.nodes.findIndex(({ tensors }) => tensors.length > 0) : index;
  for (const theme of ['light', 'dark'] as const) {
    const { page } = await open(browser, url, { theme });
    await page.screenshot({ path: join(out, `${name}-${theme}.png`) });
    if (shown >= 0) {
      await page.fill('.search', data.nodes[shown]?.name ?? '');
      await page.press('.search', 'Enter');
      await page.fill('.search', '');
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(out, `${name}-${theme}-panel.png`) });
      await page.keyboard.press('Escape');
    }
    await page.locator('.graph').focus();
    await page.keyboard.press('0');
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(out, `${name}-${theme}-fit.png`) });
    await page.close();
  }
  const { page } = await open(browser, url, { width: 390, height: 780 });
  await page.screenshot({ path: join(out, `${name}-narrow.png`) });
  await page.close();
}

async function measure(browser: Browser, name: string, make: Maker, out: string): Promise<readonly string[]> {
  const path = pathOf(out, name);
  const start = performance.now();
  const data = await make(out, path);
  const made = performance.now() - start;
  const sample = { name, data };
  const url = pathToFileURL(path).href;
  const { page, troubles } = await open(browser, url);
  const paint = await firstPaint(page);
  const pan = await wheelFrames(page, true);
  const near = await wheelFrames(page, false);
  await page.locator('.graph').focus();
  await page.keyboard.press('0');
  await page.waitForTimeout(300);
  const far = await wheelFrames(page, false);
  await drive(page, data);
  await point(page, data);
  await hostileIsText(page, data);
  need(troubles.length === 0, `${name}: ${troubles.join('; ')}`);
  await page.close();
  await pictures(browser, url, sample, out);
  const times = [near, far, pan].map(({ median, worst }) => `${median.toFixed(1)} / ${worst.toFixed(1)}`);
  return [
    name,
    String(data.nodes.length),
    `${(made / 1000).toFixed(2)} s`,
    `${(statSync(path).size / 1000).toFixed(0)} kB`,
    `${paint.toFixed(0)} ms`,
    ...times,
  ];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
  need(hasChromium(), `no Chromium at ${CHROMIUM}; set the variable CHROMIUM`);
  const out = values.out ?? mkdtempSync(join(tmpdir(), 'onnx-transplant-page-'));
  mkdirSync(out, { recursive: true });
  const browser = await launch();
  const rows = [['page', 'nodes', 'made in', 'size', 'first paint', 'zoom ms, near', 'zoom ms, all', 'pan ms']];
  try {
    for (const [name, make] of makers(positionals)) rows.push([...(await measure(browser, name, make, out))]);
  } finally {
    await browser.close();
  }
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of rows) console.log(row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  '));
  console.log(`times are median / worst; pages and pictures lie in ${out}`);
}

await main();
