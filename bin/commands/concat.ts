/** `onnx-transplant concat`. */
import { concat } from '../../lib/commands/concat.js';
import { command } from '../command.js';
import { numbersOf, OUTPUT, outputOptions, RUNTIME } from '../options.js';
import { concatText } from '../text/transforms.js';

const GROUP = 'Concatenating:';

export const concatCommand = command({
  name: 'concat',
  takes: 'MODEL..',
  summary: "Make the wide model that computes the mean of the members' outputs",
  examples: [
    ['Two models as one of twice the width', 'a.onnx b.onnx -o wide.onnx'],
    ['Three parts of the first, one of the second', 'a.onnx b.onnx --weights 3,1 -o wide.onnx'],
  ],
  options: {
    like: {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'The model whose graph the output has. Default: the first',
    },
    weights: {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'Shares of the members in the mean: a,b,.. Default: equal, or by width',
    },
    exact: { type: 'boolean', group: GROUP, describe: "Refuse rather than approximate the members' mean" },
    ...OUTPUT,
    ...RUNTIME,
  },
  run: async (models, given, context) => {
    const { like, exact } = given;
    const weights = numbersOf('weights', given.weights);
    const report = await concat(models, { like, exact, weights, ...outputOptions(given), ...context });
    return { report, text: (page) => concatText(report, page), code: 0 };
  },
});
