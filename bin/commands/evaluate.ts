/** `onnx-transplant evaluate`. */
import { evaluate } from '../../lib/commands/evaluate.js';
import type { Split } from '../../lib/data/dataset.js';
import { parseNormalize } from '../../lib/data/normalize.js';
import { usage } from '../../lib/errors.js';
import { command } from '../command.js';
import { RUNTIME, seedOf } from '../options.js';
import { evaluateText } from '../text/evaluate.js';

const GROUP = 'Data:';

const SPLITS = ['train', 'test'] as const satisfies readonly Split[];

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
    data: {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'A folder of IDX files (gz too), or an .npz with input and label (required)',
    },
    split: { choices: SPLITS, requiresArg: true, group: GROUP, describe: 'Which part. Default: test' },
    samples: { type: 'number', requiresArg: true, group: GROUP, describe: 'How many, after a shuffle. Default: all' },
    seed: { type: 'number', requiresArg: true, group: GROUP, describe: 'For that shuffle. Default: 0' },
    batch: { type: 'number', requiresArg: true, group: GROUP, describe: 'Samples at once. Default: 64' },
    normalize: {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'MEAN,../STD,..: subtracted from pixels in [0, 1], and divided by, for each channel',
    },
    input: { type: 'string', requiresArg: true, group: GROUP, describe: 'Which input, where a model has several' },
    output: { type: 'string', requiresArg: true, group: GROUP, describe: 'Which output, where a model has several' },
    ...RUNTIME,
  },
  run: async (models, given, context) => {
    const { data, split, samples, batch, input, output, ep } = given;
    if (data === undefined) throw usage('evaluate needs --data', 'Give a folder of IDX files or an .npz.');
    const normalize = given.normalize === undefined ? undefined : parseNormalize(given.normalize);
    const seed = seedOf(given.seed);
    const report = await evaluate(models, {
      data,
      split,
      samples,
      seed,
      batch,
      normalize,
      input,
      output,
      ep,
      ...context,
    });
    return { report, text: (page) => evaluateText(report, page), code: 0 };
  },
});
