/** `onnx-transplant inspect`. */
import { inspect } from '../../lib/commands/inspect.js';
import { command } from '../command.js';
import { inspectText } from '../text/inspect.js';

export const inspectCommand = command({
  name: 'inspect',
  takes: 'MODEL',
  summary: 'Say what a model is: versions, operators, sizes, health, neurons',
  examples: [
    ['A summary', 'model.onnx'],
    ['Every neuron group with every coupled axis, and what is fixed and why', 'model.onnx --neurons'],
    ['For programs', 'model.onnx --json'],
  ],
  options: {
    neurons: { type: 'boolean', describe: 'List the neuron groups with all their axes, and what is fixed and why' },
  },
  run: async ([model = ''], { neurons }, context) => {
    const report = await inspect(model, { neurons, ...context });
    return { report, text: (page) => inspectText(report, page), code: 0 };
  },
});
