/** The last step of `npm run build`: lib/page/client as one script, kept as text in dist/lib/page/client-bundle.js. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ENTRY = fileURLToPath(new URL('../../lib/page/client/main.ts', import.meta.url));
const OUT = fileURLToPath(new URL('../lib/page/client-bundle.js', import.meta.url));

const { outputFiles } = await build({
  entryPoints: [ENTRY],
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'ascii',
  legalComments: 'none',
  write: false,
});
const text = outputFiles[0]?.text.trim() ?? '';
if (text === '' || /<\/script|<!--|<script/i.test(text)) throw new Error('the script cannot stand in a script element');
writeFileSync(
  OUT,
  `/** The page's script, bundled from lib/page/client. */\nexport const CLIENT = ${JSON.stringify(text)};\n`,
);
