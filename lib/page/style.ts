/** Table: the page's style sheet. Colours are variables from the palette; nothing is loaded. */
import { CHANGES, type Shade, SURFACES, type Theme } from './palette.js';

const variables = (theme: Theme): string => {
  const line = (name: string, shade: Shade) => `--${name}:${shade[theme]};`;
  const surfaces = Object.entries(SURFACES).map(([name, shade]) => line(name, shade));
  const changes = Object.entries(CHANGES).map(
    ([name, { strong, tint }]) => line(name, strong) + line(`${name}-tint`, tint),
  );
  return [...surfaces, ...changes].join('');
};

/** The theme follows the reader's system until the button sets `data-theme`. */
const THEMES = `
:root { color-scheme: light; ${variables('light')} }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; ${variables('dark')} } }
:root[data-theme=light] { color-scheme: light; ${variables('light')} }
:root[data-theme=dark] { color-scheme: dark; ${variables('dark')} }
`;

const FRAME = `
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { display: grid; grid-template: minmax(0, 1fr) / 330px minmax(0, 1fr); background: var(--desk); color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow: hidden; }
h1, h2, h3, p, ul, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }
h1 { font-size: 17px; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; }
button, input { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
.soft { color: var(--soft); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.small { font-size: 12px; }
.text { overflow-wrap: anywhere; unicode-bidi: isolate; }
noscript { grid-column: 1 / -1; padding: 32px; }
`;

const SIDE = `
.side { display: flex; flex-direction: column; min-height: 0; background: var(--paper); border-right: 1px solid var(--rule); z-index: 3; }
.head { padding: 18px 18px 12px; display: grid; gap: 6px; flex: none; max-height: 46%; overflow: auto; }
.verdict { font-weight: 500; }
.facts { margin-top: 6px; display: grid; gap: 2px; }
.facts > div { display: grid; grid-template-columns: 104px minmax(0, 1fr); gap: 10px; font-size: 13px; }
.facts dt { color: var(--soft); }
.note { font-size: 13px; padding: 8px 10px; border-radius: 8px; background: var(--changed-tint); }
.find { padding: 10px 18px; border-top: 1px solid var(--rule); display: grid; gap: 8px; flex: none; }
.search { width: 100%; padding: 7px 11px; border: 1px solid var(--outline); border-radius: 8px; background: var(--desk); }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chip { display: inline-flex; align-items: center; gap: 6px; padding: 2px 10px 2px 6px; border: 1px solid var(--outline); border-radius: 99px;
  background: none; font-size: 13px; }
.chip svg { width: 14px; height: 14px; flex: none; }
.chip b { font-weight: 600; font-variant-numeric: tabular-nums; }
.chip[aria-pressed=true] { border-color: var(--accent); background: var(--raised); }
.chip[aria-pressed=false] { color: var(--soft); border-style: dashed; }
.bar { display: flex; justify-content: space-between; align-items: baseline; gap: 8px; font-size: 13px; color: var(--soft); }
.bar label { display: inline-flex; gap: 6px; align-items: center; cursor: pointer; }
.list { position: relative; flex: 1; min-height: 0; overflow-y: auto; border-top: 1px solid var(--rule); outline-offset: -2px; }
.rows { position: relative; }
.row { position: absolute; left: 0; right: 0; height: 44px; padding: 3px 18px 3px 12px; display: grid; grid-template-columns: 22px minmax(0, 1fr);
  column-gap: 8px; align-items: center; cursor: pointer; border-left: 4px solid transparent; }
.row:hover { background: var(--raised); }
.row[aria-selected=true] { background: var(--raised); border-left-color: var(--accent); }
.row svg { width: 16px; height: 16px; justify-self: center; }
.row i { width: 9px; height: 9px; border-radius: 3px; justify-self: center; }
.row div { min-width: 0; line-height: 1.3; }
.row span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
.row span:first-child { font-weight: 550; }
.row span + span { font-size: 12px; color: var(--soft); }
.none { padding: 18px; color: var(--soft); }
.foot { padding: 8px 18px; border-top: 1px solid var(--rule); font-size: 12px; color: var(--soft); flex: none; }
kbd { padding: 0 5px; border: 1px solid var(--outline); border-bottom-width: 2px; border-radius: 5px; background: var(--raised);
  font: 12px/1.5 ui-monospace, Menlo, Consolas, monospace; color: var(--ink); }
`;

const STAGE = `
.stage { position: relative; min-width: 0; overflow: hidden; }
.graph { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: grab; outline-offset: -3px; }
.graph.dragged { cursor: grabbing; }
.graph.over { cursor: pointer; }
.tools { position: absolute; left: 16px; bottom: 16px; display: flex; gap: 6px; z-index: 1; }
.tool { min-width: 36px; height: 36px; padding: 0 10px; border: 1px solid var(--outline); border-radius: 9px; background: var(--paper);
  line-height: 1; font-size: 15px; box-shadow: 0 1px 3px #0002; }
.tool:hover { background: var(--raised); }
.scale { align-self: center; min-width: 46px; text-align: center; color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
.overview { position: absolute; right: 16px; bottom: 16px; border: 1px solid var(--outline); border-radius: 9px; background: var(--paper);
  box-shadow: 0 1px 4px #0002; cursor: pointer; touch-action: none; }
.opened .overview { right: 416px; }
.only-narrow { display: none; }
`;

const PANEL = `
.panel { position: absolute; top: 0; right: 0; bottom: 0; width: 400px; max-width: 100%; background: var(--paper); border-left: 1px solid var(--rule);
  overflow-y: auto; overscroll-behavior: contain; padding: 18px; display: grid; gap: 18px; align-content: start; z-index: 2; box-shadow: -6px 0 24px #00000014; }
.panel[hidden], .help[hidden], .overview[hidden] { display: none; }
.panel header { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 12px; }
.panel h2 { font-size: 18px; line-height: 1.3; overflow-wrap: anywhere; }
.panel h3 { font-size: 12px; font-weight: 600; color: var(--soft); margin-bottom: 6px; letter-spacing: .02em; text-transform: uppercase; }
.panel h4 { margin: 0; font-size: 13px; font-weight: 600; }
.panel section { min-width: 0; }
.close { justify-self: end; width: 32px; height: 32px; border: 0; border-radius: 8px; background: none; font-size: 18px; line-height: 1; color: var(--soft); }
.close:hover { background: var(--raised); }
.tag { display: inline-flex; align-items: center; gap: 6px; padding: 1px 10px 1px 6px; border-radius: 99px; font-size: 13px; font-weight: 550; }
.tag svg { width: 14px; height: 14px; }
.tag.added { background: var(--added-tint); color: var(--added); } .tag.removed { background: var(--removed-tint); color: var(--removed); }
.tag.changed { background: var(--changed-tint); color: var(--changed); } .tag.moved { background: var(--moved-tint); color: var(--moved); }
.tag.renamed { background: var(--renamed-tint); color: var(--renamed); } .tag.same { background: var(--raised); color: var(--soft); }
.mono { font: 12px/1.55 ui-monospace, Menlo, Consolas, monospace; }
table { width: 100%; border-collapse: collapse; font-size: 13px; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: 5px 8px 5px 0; overflow-wrap: anywhere; }
thead th { color: var(--soft); font-weight: 500; font-size: 12px; }
tbody th { font-weight: 500; }
tbody tr { border-top: 1px solid var(--rule); }
td.gone { color: var(--removed); text-decoration: line-through; } td.new { color: var(--added); font-weight: 600; }
td.absent { color: var(--soft); }
.items { display: grid; gap: 10px; }
.item { min-width: 0; }
.item .mono { color: var(--soft); overflow-wrap: anywhere; }
.tensor { display: grid; gap: 6px; padding-top: 10px; border-top: 1px solid var(--rule); }
.tensor:first-child { border-top: 0; padding-top: 0; }
.hist { width: 100%; height: auto; display: block; }
.hist text { font: 11px system-ui, sans-serif; fill: var(--soft); }
.hist .axis { stroke: var(--outline); }
.hist .before { fill: var(--soft); fill-opacity: .32; stroke: var(--soft); stroke-width: 1; }
.hist .after { fill: var(--accent); fill-opacity: .3; stroke: var(--accent); stroke-width: 1.5; }
.hist .zero { stroke: var(--outline); stroke-dasharray: 2 3; }
.keys { display: flex; gap: 4px 14px; font-size: 12px; color: var(--soft); flex-wrap: wrap; }
.keys span { display: inline-flex; align-items: center; gap: 6px; min-width: 0; overflow-wrap: anywhere; }
.keys i { width: 14px; height: 10px; border-radius: 2px; border: 1px solid; flex: none; }
.keys i.before { background: color-mix(in srgb, var(--soft) 32%, transparent); border-color: var(--soft); }
.keys i.after { background: color-mix(in srgb, var(--accent) 30%, transparent); border-color: var(--accent); }
.cells { display: block; width: 100%; margin: 6px 0; }
.jump { border: 0; padding: 0; background: none; color: var(--accent); text-align: left; overflow-wrap: anywhere; }
.jump:hover { text-decoration: underline; }
`;

const HELP = `
.help { position: fixed; inset: 0; z-index: 9; display: grid; place-items: center; padding: 20px; background: #0008; }
.card { max-width: 560px; max-height: 100%; overflow: auto; background: var(--paper); border-radius: 14px; padding: 22px 26px; box-shadow: 0 12px 50px #0006; }
.card header { display: flex; justify-content: space-between; align-items: start; margin-bottom: 10px; }
.card dl { display: grid; grid-template-columns: auto 1fr; gap: 6px 18px; align-items: baseline; }
.card h3 { margin: 16px 0 6px; font-size: 14px; }
.families { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 4px 14px; }
.families span { display: inline-flex; gap: 8px; align-items: center; }
.families i { width: 5px; height: 16px; border-radius: 2px; }
`;

/** Below 700 px the sidebar is a drawer over the graph, and the panel a sheet at the bottom. */
const NARROW = `
@media (max-width: 700px) {
  body { grid-template-columns: minmax(0, 1fr); }
  .side { position: fixed; inset: 0 auto 0 0; width: min(330px, 88vw); transform: translateX(-102%); visibility: hidden;
    transition: transform .18s, visibility .18s; }
  .drawn .side { transform: none; visibility: visible; box-shadow: 8px 0 40px #0005; }
  .only-narrow { display: inline-block; }
  .panel { top: auto; left: 0; width: 100%; height: 62%; border-left: 0; border-top: 1px solid var(--rule); border-radius: 14px 14px 0 0; }
  .overview { display: none; }
  .tools { left: 12px; bottom: 12px; }
  .opened .tools { display: none; }
  .foot { display: none; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; scroll-behavior: auto !important; } }
@media (forced-colors: active) { .chip[aria-pressed=true], .row[aria-selected=true] { border-color: Highlight; } }
`;

/** All of it. */
export const STYLE = [THEMES, FRAME, SIDE, STAGE, PANEL, HELP, NARROW].join('').replace(/\n\s*/g, '\n').trim();
