import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { PageData } from '../../lib/page/data.js';
import { graphPage } from '../../lib/page/page.js';
import { hasChromium, launch, open } from '../../scripts/page/browser.js';
import { HOSTILE } from '../../scripts/page/samples.js';
import { pageData, pageNode } from './sample.js';

const DATA: PageData = {
  ...pageData(
    [
      pageNode('x', { kind: 'input', op: 'float32 [1, 8]' }),
      pageNode(HOSTILE, { op: HOSTILE, detail: HOSTILE, change: 'changed', notes: [HOSTILE] }),
      pageNode('relu', {
        change: 'added',
        neurons: [
          {
            group: HOSTILE,
            runs: [
              [0, 3],
              [1, 2],
            ],
          },
        ],
      }),
    ],
    [
      [0, 1],
      [1, 2],
    ],
  ),
  title: HOSTILE,
  verdict: HOSTILE,
  facts: [{ heading: HOSTILE, lines: [HOSTILE] }],
  members: [HOSTILE, 'b.onnx'],
};

/** What stands between tags of a kind. */
const insides = (html: string, tag: string) =>
  [...html.matchAll(new RegExp(`<${tag}(?: [^>]*)?>([\\s\\S]*?)</${tag}>`, 'g'))].map(([, inside = '']) => inside);

describe('the page', () => {
  let html = '';
  beforeAll(async () => {
    html = await graphPage(DATA);
  });

  test('holds what it was given', () => {
    const [json = ''] = insides(html, 'script');
    expect(JSON.parse(json).data).toEqual(DATA);
  });

  test('loads nothing', () => {
    const [json = ''] = insides(html, 'script');
    const rest = html.replace(json, '').replaceAll('http://www.w3.org/2000/svg', '');
    expect(rest).not.toMatch(
      /https?:|url\(|@import|<link|<img|<[^>]*\ssrc=|\bfetch\(|XMLHttpRequest|WebSocket|\bimport\(/,
    );
  });

  test('allows its own script and style alone, by their hashes', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    const hash = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const script = hash(insides(html, 'script')[1]);
    const style = hash(insides(html, 'style')[0]);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${script}`,
      `style-src ${style}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test('has two scripts and no other element of a name', () => {
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    expect(insides(html, 'title')[0]).not.toContain('<');
  });
});

/**
 * Without a browser (variable CHROMIUM, or /usr/bin/chromium) nothing can be opened: the suite is skipped, and says so.
 */
(hasChromium() ? describe : describe.skip)('in a browser (skipped where there is no Chromium)', () => {
  test('a page is read by keyboard, and names are text', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onnx-transplant-page-'));
    const path = join(folder, 'page.html');
    writeFileSync(path, await graphPage(DATA));
    const browser = await launch();
    try {
      const { page, troubles } = await open(browser, pathToFileURL(path).href);
      await page.locator('.list').focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowDown');
      expect(await page.locator('.list').getAttribute('aria-activedescendant')).toBe('node-1');
      await page.keyboard.press('Enter');
      expect(await page.locator('.panel h2').textContent()).toBe(HOSTILE);
      await page.keyboard.press('Escape');
      await page.keyboard.press('n');
      expect(await page.locator('[role=option][aria-selected=true]').getAttribute('data-node')).toBe('2');
      await page.keyboard.press('Enter');
      expect(await page.locator('.panel canvas').getAttribute('aria-label')).toContain(
        `3 from ${HOSTILE}, 2 from b.onnx`,
      );
      expect(await page.locator('h1').textContent()).toBe(HOSTILE);
      expect(await page.locator('img, body script:not([id]) ~ script').count()).toBe(0);
      expect(troubles).toEqual([]);
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true });
    }
  });
});
