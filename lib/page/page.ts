/**
 * The page as one HTML file: it loads nothing and can send nothing, and no text of a model is ever read as HTML or
 * script.
 */
import { CLIENT } from './client-bundle.js';
import type { PageData } from './data.js';
import { layoutOf } from './layout.js';
import type { PageLayout } from './layout-data.js';
import { STYLE } from './style.js';

/** What the page's script reads: the element with the id `data`. */
export interface PageContent {
  readonly data: PageData;
  readonly layout: PageLayout;
}

/** Text as HTML. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/**
 * JSON that cannot end its script element, nor begin a comment.
 * https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements
 */
const embedded = (content: PageContent): string => JSON.stringify(content).replace(/</g, '\\u003c');

/**
 * `'sha256-...'` as a Content-Security-Policy names what may run.
 * https://www.w3.org/TR/CSP3/#match-element-to-source-list
 */
async function hashSource(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

/** This script and this style sheet, and nothing else: no request, no frame, no form, no other script. */
async function policy(): Promise<string> {
  const [script, style] = await Promise.all([hashSource(CLIENT), hashSource(STYLE)]);
  return `default-src 'none'; script-src ${script}; style-src ${style}; base-uri 'none'; form-action 'none'`;
}

/**
 * The HTML of a page that shows the graph; to be written to a file and opened in any browser. Throws what `layoutOf`
 * throws: USAGE for a graph that is too large, CANCELLED.
 */
export async function graphPage(data: PageData, signal?: AbortSignal): Promise<string> {
  const layout = await layoutOf(data, signal);
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${await policy()}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(data.title)}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<noscript><h1>${escaped(data.title)}</h1><p>${escaped(data.verdict)}</p><p>The graph is drawn by a script.</p></noscript>`,
    `<script type="application/json" id="data">${embedded({ data, layout })}</script>`,
    `<script>${CLIENT}</script>`,
    '</body></html>',
    '',
  ].join('\n');
}
