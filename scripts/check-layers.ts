/**
 * Checks what compilers do not: which folder may import which, where Node and npm packages may be used, that errors are
 * made by lib/errors.ts alone, and that files stay small. Prints each violation; exits with 1 if there is one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the files of one layer may import: other layers, and packages (a name, or `node:fs`; `node:*` for any of Node). */
interface Layer {
  readonly layers: readonly string[];
  readonly packages: readonly string[];
}

const PURE = ['errors', 'limits', 'ir'];
const LIBRARY = [
  ...PURE,
  'rules',
  'analysis',
  'transforms',
  'onnx',
  'runtime',
  'machine',
  'data',
  'report',
  'page',
  'diff',
  'training',
];

/** A layer is the first folder or file below lib, or `bin`. Every layer may import itself. */
const LAYERS: ReadonlyMap<string, Layer> = new Map([
  ['errors', { layers: [], packages: [] }],
  ['limits', { layers: [], packages: [] }],
  ['ir', { layers: ['errors', 'limits'], packages: [] }],
  ['rules', { layers: PURE, packages: [] }],
  ['analysis', { layers: [...PURE, 'rules'], packages: [] }],
  ['transforms', { layers: [...PURE, 'rules', 'analysis'], packages: [] }],
  ['page', { layers: [...PURE], packages: ['elkjs', 'node:worker_threads'] }],
  ['report', { layers: [...PURE, 'rules', 'analysis'], packages: [] }],
  ['diff', { layers: [...PURE, 'rules', 'analysis', 'transforms', 'report'], packages: [] }],
  ['training', { layers: [...PURE, 'rules', 'analysis', 'onnx', 'runtime'], packages: [] }],
  ['onnx', { layers: PURE, packages: ['protobufjs', 'node:*'] }],
  ['runtime', { layers: PURE, packages: ['onnxruntime-node', 'node:path', 'node:os', 'node:url'] }],
  // Looks at the machine itself, and tries drivers in processes of their own, which may crash: no other layer starts one.
  [
    'machine',
    {
      layers: [...PURE, 'runtime'],
      packages: ['node:child_process', 'node:fs', 'node:module', 'node:os', 'node:path', 'node:url', 'node:v8'],
    },
  ],
  ['data', { layers: PURE, packages: ['node:fs', 'node:path', 'node:zlib', 'node:util', 'jpeg-js'] }],
  [
    'commands',
    { layers: LIBRARY, packages: ['node:module', 'node:os', 'node:path', 'node:perf_hooks', 'node:process'] },
  ],
  ['index', { layers: [...LIBRARY, 'commands'], packages: [] }],
  ['bin', { layers: [...LIBRARY, 'commands', 'index'], packages: ['yargs', 'node:*'] }],
]);

const MAX_LINES = 400;

/** A file over MAX_LINES says so in its first docstring when it is a table: `Table: ...`. */
const DECLARES_TABLE = /^\/\*\*?[\s\S]*?\bTable: [\s\S]*?\*\//;

/** `import ... from 'x'`, `export ... from 'x'`, `import 'x'`, `import('x')`. */
const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

/** The layer of a source file by its path from the root, with slashes; undefined for a file that no layer holds. */
export function layerOf(path: string): string | undefined {
  const [top, second] = path.split('/');
  const layer = top === 'bin' ? 'bin' : top === 'lib' ? second?.replace(/\.ts$/, '') : undefined;
  return layer !== undefined && LAYERS.has(layer) ? layer : undefined;
}

/** All module names that a source imports. */
export function importsOf(source: string): readonly string[] {
  return [...withoutComments(source).matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

/** The source with comments blanked, so that examples in docstrings are no code. Line numbers stay. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|(?<=^|[\s;,{}()])\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
}

const allowsPackage = (layer: Layer, name: string): boolean =>
  layer.packages.some((allowed) =>
    allowed === 'node:*' ? name.startsWith('node:') : name === allowed || name.startsWith(`${allowed}/`),
  );

function importViolation(path: string, name: string, from: string, layer: Layer): string | undefined {
  if (!name.startsWith('.')) {
    return allowsPackage(layer, name) ? undefined : `${from} must not import the package ${name}`;
  }
  const target = posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts');
  const to = layerOf(target);
  if (to === from || (to !== undefined && layer.layers.includes(to))) return undefined;
  return `${from} must not import ${to ?? target}`;
}

/** Everything wrong with one source file under lib or bin, one line each. */
export function violationsOf(path: string, source: string): readonly string[] {
  const from = layerOf(path);
  const layer = from === undefined ? undefined : LAYERS.get(from);
  if (from === undefined || layer === undefined) return [`${path}: lies in no known layer`];
  const found = importsOf(source).flatMap((name) => importViolation(path, name, from, layer) ?? []);
  if (from !== 'errors' && /\bnew \w*Error\(|\bthrow new\b/.test(withoutComments(source))) {
    found.push('makes an error by itself; use a factory of lib/errors.ts');
  }
  const lines = source.split('\n').length - 1;
  if (lines > MAX_LINES && !DECLARES_TABLE.test(source)) {
    found.push(`has ${lines} lines, more than ${MAX_LINES}; split it, or say "Table: ..." in its first docstring`);
  }
  return found.map((what) => `${path}: ${what}`);
}

function sourcesUnder(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name.split(sep).join('/')));
}

function main(): void {
  const root = process.cwd();
  const paths = ['lib', 'bin'].flatMap((folder) => sourcesUnder(root, folder)).sort();
  const violations = paths.flatMap((path) => violationsOf(path, readFileSync(join(root, path), 'utf8')));
  for (const violation of violations) console.error(violation);
  console.log(`${paths.length} files checked, ${violations.length} violations`);
  if (violations.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
