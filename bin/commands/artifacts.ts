/** `onnx-transplant artifacts`. */
import { artifacts } from '../../lib/commands/artifacts.js';
import { FLAVORS } from '../../lib/training/artifacts/generate.js';
import { command } from '../command.js';
import { artifactsText } from '../text/train.js';
import { LOSS, OPTIMIZER, optimizerOptions } from '../training-options.js';

const GROUP = 'Training:';

export const artifactsCommand = command({
  name: 'artifacts',
  takes: 'MODEL',
  summary: 'Write the graphs and the checkpoint from which a training runtime trains',
  examples: [
    [
      'For any onnxruntime, in Python, in the browser',
      'model.onnx --loss cross-entropy --optimizer adamw -o artifacts/',
    ],
    [
      'For onnxruntime-training, as its own generate_artifacts writes them',
      'model.onnx --flavor microsoft -o artifacts/',
    ],
  ],
  options: {
    output: {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      group: 'Output:',
      describe: 'The folder for the four files',
    },
    flavor: {
      choices: FLAVORS,
      requiresArg: true,
      group: GROUP,
      describe: 'portable: standard operators (default). microsoft: for onnxruntime-training up to 1.19.2',
    },
    ...LOSS,
    ...OPTIMIZER,
    outputs: { type: 'string', array: true, requiresArg: true, group: GROUP, describe: 'Outputs kept beside the loss' },
  },
  run: async ([model = ''], given, context) => {
    const { output, flavor, loss, logits, outputs } = given;
    const report = await artifacts(model, {
      ...{ output, flavor, loss, logits, outputs },
      ...optimizerOptions(given),
      ...context,
    });
    return { report, text: (page) => artifactsText(report, page), code: 0 };
  },
});
