import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { OptionTable } from '../../bin/command.js';
import { COMMANDS } from '../../bin/commands/index.js';
import { COMMON } from '../../bin/options.js';
import { parse } from '../../bin/parse.js';

const lines = async (...words: string[]): Promise<readonly string[]> => String(await parse(words)).split('\n');

describe('the help', () => {
  test.each([[[]], ...COMMANDS.map(({ name }) => [[name]])])(
    'of %j starts with examples and fits 80 columns',
    async (words) => {
      const help = await lines(...words, '--help');
      expect(help.slice(0, 2)).toEqual(['Examples:', expect.stringMatching(/^ {2}# \S/)]);
      expect(help.filter((line) => line.length > 80)).toEqual([]);
      expect(help.join('\n')).not.toMatch(/[\ue000[]MODEL/);
    },
  );

  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    'of %s names all its options',
    async (name, command) => {
      const help = await lines(name, '-h');
      const missing = Object.entries<OptionTable[string]>({ ...command.options, ...COMMON })
        .filter(([option, { hidden }]) => !hidden && !help.some((line) => line.includes(`--${option} `)))
        .map(([option]) => option);
      expect(missing).toEqual([]);
      const undescribed = Object.entries(command.options).filter(([, { describe, hidden }]) => !describe && !hidden);
      expect(undescribed).toEqual([]);
    },
  );

  test('has no example that would be refused', async () => {
    for (const { name, examples } of COMMANDS) {
      for (const [, args] of examples)
        expect(await parse([name, ...args.split(' ').filter((word) => word !== '')])).toMatchObject({
          command: { name },
        });
    }
  });

  test('lists all commands', async () => {
    const help = (await lines('--help')).join('\n');
    for (const { name, takes } of COMMANDS) {
      expect(help).toMatch(new RegExp(`^  onnx-transplant ${[name, takes && 'MODEL'].filter(Boolean).join(' ')}`, 'm'));
    }
  });
});

test('the version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await parse(['--version'])).toBe(version);
});
