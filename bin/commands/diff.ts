/** `onnx-transplant diff`. */
import { diff } from '../../lib/commands/diff.js';
import { command } from '../command.js';
import { RUNTIME } from '../options.js';
import { diffText } from '../text/diff.js';

export const diffCommand = command({
  name: 'diff',
  takes: 'A B',
  summary: 'Say what two models differ in, and whether they are the same network',
  examples: [
    ['What became of each node and each weight', 'before.onnx after.onnx'],
    ['Is one the other with its neurons in another order?', 'a.onnx b.onnx --permutation'],
    ['A page to look at', 'before.onnx after.onnx --html changes.html'],
    ['For scripts: exit code 0 the same, 1 different, 2 trouble', 'a.onnx b.onnx --strict --quiet'],
  ],
  options: {
    permutation: {
      type: 'boolean',
      describe: 'Look whether B is A with its neurons in another order, and prove it in ONNX Runtime',
    },
    strict: { type: 'boolean', describe: 'Only identical models are the same: not renamed ones, not other exports' },
    all: { type: 'boolean', describe: 'List every node and every weight, not only the first that differ' },
    html: {
      type: 'string',
      requiresArg: true,
      describe: 'Write a page that shows both graphs as one, changes coloured, weights before and after',
    },
    'no-run': { type: 'boolean', describe: 'Only compare the files: do not run both on the same random inputs' },
    run: { type: 'boolean', hidden: true },
    ...RUNTIME,
  },
  run: async ([before = '', after = ''], { permutation, strict, all, html, run, ep }, context) => {
    const report = await diff(before, after, { permutation, strict, html, run, ep, ...context });
    return { report, text: (page) => diffText(report, all ?? false, page), code: report.same ? 0 : 1 };
  },
});
