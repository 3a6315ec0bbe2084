/** `onnx-transplant prune`. */
import { prune } from '../../lib/commands/prune.js';
import { usage } from '../../lib/errors.js';
import { command } from '../command.js';
import { OUTPUT, outputOptions, RUNTIME, SCORING, seedOf } from '../options.js';
import { pruneText } from '../text/transforms.js';

const GROUP = 'Pruning:';

export const pruneCommand = command({
  name: 'prune',
  takes: 'MODEL',
  summary: 'Drop the least important neurons of a model',
  examples: [
    ['Drop half of the neurons of each layer', 'model.onnx --ratio 0.5 -o half.onnx'],
    ['But leave the first layer alone', 'm.onnx --ratio 0.5 --ignore conv1.weight -o half.onnx'],
  ],
  options: {
    ratio: {
      type: 'number',
      requiresArg: true,
      group: GROUP,
      describe: 'Share of the neurons of each group to drop, from 0 to below 1 (required)',
    },
    ignore: {
      type: 'string',
      array: true,
      requiresArg: true,
      group: GROUP,
      describe: 'Names of initializers, values or groups whose neurons stay (inspect --neurons lists them)',
    },
    ...SCORING,
    ...OUTPUT,
    ...RUNTIME,
  },
  run: async ([model = ''], given, context) => {
    const { ratio, ignore, importance, scope } = given;
    if (ratio === undefined) throw usage('prune needs --ratio', 'Say which share to drop, for example --ratio 0.5.');
    const report = await prune(model, {
      ratio,
      ignore,
      importance,
      scope,
      seed: seedOf(given.seed),
      allowNonfinite: given['allow-nonfinite'],
      ...outputOptions(given),
      ...context,
    });
    return { report, text: (page) => pruneText(report, page), code: 0 };
  },
});
