/** `onnx-transplant inspect`. */
import { inspect } from '../../lib/commands/inspect.js';
import { command } from '../command.js';
import { namedSizes } from '../input-options.js';
import { inspectText } from '../text/inspect.js';

export const inspectCommand = command({
  name: 'inspect',
  takes: 'MODEL',
  summary: 'Say what a model is: versions, operators, sizes, health, neurons',
  examples: [
    ['A summary', 'model.onnx'],
    ['Every neuron group with every coupled axis, and what is fixed and why', 'model.onnx --neurons'],
    ['Every node with its cost, for batches of 32', 'model.onnx --nodes --batch 32'],
    ['How alike models are, whatever the order of their neurons', 'a.onnx --member-similarity b.onnx c.onnx'],
    ['A page to look at', 'model.onnx --html model.html'],
    ['For programs', 'model.onnx --json'],
  ],
  options: {
    neurons: { type: 'boolean', describe: 'List the neuron groups with all their axes, and what is fixed and why' },
    nodes: {
      type: 'boolean',
      describe: 'List the nodes with multiply-accumulates, bytes of outputs and parameters, the most costly first',
    },
    batch: {
      type: 'number',
      requiresArg: true,
      describe: 'Length of the open first axis of inputs, to count with. Default: 1',
    },
    size: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'NAME=N: length of open axes of that name, to count with. Default: 1',
    },
    'member-similarity': {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Models to compare with this one and each other, whatever the order of their neurons',
    },
    html: { type: 'string', requiresArg: true, describe: 'Write a page that shows the graph, its weights and neurons' },
  },
  run: async ([model = ''], { neurons, nodes, batch, size, html, 'member-similarity': memberSimilarity }, context) => {
    const sizes = namedSizes(size);
    const report = await inspect(model, { neurons, nodes, batch, sizes, memberSimilarity, html, ...context });
    return { report, text: (page) => inspectText(report, page), code: 0 };
  },
});
