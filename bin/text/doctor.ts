/** What doctor tells people. */
import type { DoctorReport, ProviderReport } from '../../lib/commands/doctor.js';
import type { FolderReport } from '../../lib/machine/folder.js';
import type { Page } from '../command.js';
import { bare, wrapped } from './table.js';
import { bytes, count, digits, seconds } from './units.js';

/** Columns of what stands in front of the colon. */
const WIDTH = 12;

/** A driver's words, safe to print, in full. */
const safe = (text: string): string =>
  text
    .split(' ')
    .map((word) => (word === '' ? '' : bare(word)))
    .join(' ');

const field = (name: string, text: string, { width }: Page): readonly string[] =>
  wrapped(text, width, `${name.padEnd(WIDTH)}`, ' '.repeat(WIDTH));

function providerLines(provider: ProviderReport, page: Page): readonly string[] {
  const { name, works, why, remedy, device, stderr } = provider;
  const { style } = page;
  const indent = ' '.repeat(WIDTH);
  if (works) {
    const on = device === null ? '' : `, ${bare(device)}`;
    const time = provider.seconds === null ? '' : ` (first run ${seconds(provider.seconds)})`;
    return [`${name.padEnd(WIDTH)}${style.green('works')}${time}${on}`];
  }
  const said = stderr.split('\n').filter((line) => line.trim() !== '');
  return [
    `${name.padEnd(WIDTH)}${provider.offered ? style.red('does not work') : style.dim('not in this build')}`,
    ...(provider.offered ? wrapped(safe(why), page.width, indent, indent) : []),
    ...said.flatMap((line) => wrapped(safe(line.trim()), page.width, `${indent}| `, `${indent}| `)),
    ...(remedy === '' ? [] : wrapped(remedy, page.width, `${indent}-> `, `${indent}   `)),
  ];
}

function folderText({ path, writable, why, free, total, caseSensitive, abilities }: FolderReport): string {
  if (!writable) return `${bare(path)}: cannot be written to (${why})`;
  const room = free === null || total === null ? '' : `, ${bytes(free)} free of ${bytes(total)}`;
  const [able, unable] = [abilities.filter(({ works }) => works), abilities.filter(({ works }) => !works)];
  const lacks = unable.length === 0 ? '' : `; no ${unable.map((each) => `${each.name} (${each.why})`).join(', ')}`;
  const names = caseSensitive ? 'a and A are two names' : 'a and A are one name';
  return `${bare(path)}: writable${room}; ${able.map(({ name }) => name).join(', ')}${lacks}; ${names}`;
}

function machineLines({ processors, memory }: DoctorReport, page: Page): readonly string[] {
  const quota = processors.quota === null ? '' : `, the container allows the time of ${digits(processors.quota)}`;
  const limit = memory.limit === null ? '' : `, the container allows ${bytes(memory.limit)}`;
  return [
    ...field('processors', `${count(processors.available)} of ${count(processors.cores)} cores${quota}`, page),
    ...field(
      'memory',
      `${bytes(memory.free)} free of ${bytes(memory.total)}${limit}; JavaScript's heap ends at ${bytes(memory.heap)}`,
      page,
    ),
  ];
}

function verdict({ ok, providers }: DoctorReport, { style }: Page): string {
  const failed = providers.filter(({ works, required }) => required && !works).map(({ name }) => name);
  if (!ok) return style.red(`not ok: ${failed.join(', ')} ${failed.length === 1 ? 'does' : 'do'} not work here`);
  const working = providers.filter(({ works }) => works).map(({ name }) => `--ep ${name}`);
  return `${style.green('ok')}: ${working.join(', ')} ${working.length === 1 ? 'works' : 'work'} here`;
}

/** The text of `doctor`. */
export function doctorText(report: DoctorReport, page: Page): string {
  const { version, node, onnxruntime, platform, arch, providers, folders } = report;
  const colours = page.style.bold('x') === 'x' ? 'no colours' : 'colours';
  const terminal = Number.isFinite(page.width) ? `a terminal of ${page.width} columns, ${colours}` : 'no terminal';
  return [
    `onnx-transplant ${version}, Node ${node}, onnxruntime-node ${onnxruntime}, ${platform}-${arch}`,
    '',
    page.style.bold('execution providers'),
    ...providers.flatMap((provider) => providerLines(provider, page)),
    '',
    page.style.bold('machine'),
    ...machineLines(report, page),
    ...field('temporary', folderText(folders.temporary), page),
    ...field('current', folderText(folders.current), page),
    ...field('stdout', terminal, page),
    '',
    verdict(report, page),
  ].join('\n');
}
