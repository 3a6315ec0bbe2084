/** `onnx-transplant evaluate`. */
import { evaluate } from '../../lib/commands/evaluate.js';
import { usage } from '../../lib/errors.js';
import { command } from '../command.js';
import { DATA, dataOptions, RUNTIME, seedOf } from '../options.js';
import { evaluateText } from '../text/evaluate.js';

const GROUP = 'Data:';

export const evaluateCommand = command({
  name: 'evaluate',
  takes: 'MODEL..',
  summary: 'Measure loss and accuracy of models on a data set',
  examples: [
    ['A folder of IDX files, its test part', 'a.onnx b.onnx fused.onnx --data mnist/'],
    ['The first 1000 samples after a seeded shuffle', 'model.onnx --data mnist/ --samples 1000 --seed 1'],
    ['Arrays of your own, named input and label', 'model.onnx --data samples.npz'],
  ],
  options: {
    ...DATA,
    data: { ...DATA.data, describe: `${DATA.data.describe} (required)` },
    split: { ...DATA.split, describe: 'Which part. Default: test' },
    seed: { type: 'number', requiresArg: true, group: GROUP, describe: 'For the shuffle of --samples. Default: 0' },
    output: { type: 'string', requiresArg: true, group: GROUP, describe: 'Which output, where a model has several' },
    ...RUNTIME,
  },
  run: async (models, given, context) => {
    const { output, ep } = given;
    const { data, ...rest } = dataOptions(given);
    if (data === undefined) throw usage('evaluate needs --data', 'Give a folder of IDX files or an .npz.');
    const report = await evaluate(models, { data, ...rest, seed: seedOf(given.seed), output, ep, ...context });
    return { report, text: (page) => evaluateText(report, page), code: 0 };
  },
});
