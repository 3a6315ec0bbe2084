import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { temporaryFolder } from '../support/folder.js';
import { filled, relu, tensor } from '../support/wire.js';

const folder = temporaryFolder();
const script = fileURLToPath(new URL('../support/killed-writer.js', import.meta.url));
const source = folder.put('new.onnx', relu({ initializers: [tensor({ dims: [300_000], raw: filled(1_200_000, 5) })] }));
const contents = (path: string): Buffer => Buffer.from(encodeModel(readModel(path)));

test.each([false, true])(
  'killed at any call, the output is the old or the new one (external data: %s)',
  (external) => {
    const states: string[] = [];
    for (let call = 1; ; call++) {
      const name = `${external}-${call}`;
      mkdirSync(folder.at(name));
      const output = folder.put(`${name}/out.onnx`, relu());
      const run = spawnSync(process.execPath, [script, source, output, String(external), String(call)]);
      const written = contents(output);
      const state = written.equals(contents(source))
        ? 'new'
        : written.equals(contents(folder.put('old.onnx', relu())))
          ? 'old'
          : 'broken';
      states.push(state);
      const others = readdirSync(folder.at(name)).filter((file) => file !== 'out.onnx');
      expect(others.filter((file) => !/^\.onnx-transplant-.*\.tmp$|\.data$/.test(file))).toEqual([]);
      if (run.signal === null) {
        expect(run.status).toBe(0);
        expect(readFileSync(output).length).toBeGreaterThan(100);
        break;
      }
    }
    expect(states.length).toBeGreaterThan(5);
    expect(states.lastIndexOf('old')).toBe(states.length - 3);
    expect(states.slice(-2)).toEqual(['new', 'new']);
  },
  60_000,
);
