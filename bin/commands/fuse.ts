/** `onnx-transplant fuse`. */

import { ORDERS } from '../../lib/commands/fine-tune-options.js';
import { fuse } from '../../lib/commands/fuse.js';
import { METHODS } from '../../lib/commands/fuse-models.js';
import { STRATEGIES } from '../../lib/transforms/transplant.js';
import { command } from '../command.js';
import { dataOptions, numbersOf, OUTPUT, outputOptions, RUNTIME, SCORING, SCORING_DATA, seedOf } from '../options.js';
import { fusionText } from '../text/transforms.js';
import { EPOCHS, epochsOptions, LOSS } from '../training-options.js';

const GROUP = 'Fusing:';
const TRAINING_GROUP = 'Training:';

export const fuseCommand = command({
  name: 'fuse',
  takes: 'MODEL..',
  summary: "Make one model of one member's size out of several",
  examples: [
    ['The most important neurons of two models, in one of their size', 'a.onnx b.onnx -o fused.onnx'],
    ['See whose neurons would be kept; write nothing', 'a.onnx b.onnx c.onnx --dry-run'],
    ['At most a tenth of the neurons from b', 'a.onnx b.onnx --transfer 0.1 -o fused.onnx'],
    ['The neurons that do most on data', 'a.onnx b.onnx --importance activation --data mnist/ -o fused.onnx'],
    ['Fused, then fine-tuned', 'a.onnx b.onnx --fine-tune mnist/ --epochs 4 -o fused.onnx'],
    [
      'Trained side by side, pruned to the size of one, trained again',
      'a.onnx b.onnx --fine-tune mnist/ --order concat-train-prune-train --epochs 2 -o fused.onnx',
    ],
    ['All members untouched in one file, with the mean of their outputs', 'a.onnx b.onnx --method ensemble -o ab.onnx'],
  ],
  options: {
    method: {
      choices: METHODS,
      requiresArg: true,
      group: GROUP,
      describe:
        'transplant (default): the best neurons of all; average: the mean of all weights; ensemble: all members',
    },
    strategy: {
      choices: STRATEGIES,
      requiresArg: true,
      group: GROUP,
      describe: 'All members at once (joint, default), one after the other, or in halves',
    },
    like: {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'The model whose graph and widths the output has. Default: the first',
    },
    ratio: {
      type: 'number',
      requiresArg: true,
      group: GROUP,
      describe: "Share of all members' neurons to drop, instead of the widths of --like",
    },
    weights: {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'Shares of the members in the mean: a,b,.. Default: equal, or by width',
    },
    transfer: {
      type: 'number',
      requiresArg: true,
      group: GROUP,
      describe: 'Largest share of neurons from members other than the first, 0 to 1. Default: 1',
    },
    exact: { type: 'boolean', group: GROUP, describe: "Refuse rather than approximate the members' mean" },
    'fine-tune': {
      type: 'string',
      requiresArg: true,
      group: TRAINING_GROUP,
      describe: 'A data set, as --data, to train on. What says how --data is read holds for both',
    },
    order: {
      choices: ORDERS,
      requiresArg: true,
      group: TRAINING_GROUP,
      describe: "Of the stages; with concat all members' neurons are trained before most go. Default: fuse-train",
    },
    ...LOSS,
    ...EPOCHS,
    ...SCORING,
    seed: {
      ...SCORING.seed,
      describe: 'For --importance random, the shuffle of --samples, and the order in a training. Default: 0',
    },
    ...SCORING_DATA,
    data: { ...SCORING_DATA.data, describe: `${SCORING_DATA.data.describe}. Default: that of --fine-tune` },
    ...OUTPUT,
    ...RUNTIME,
  },
  run: async (models, given, context) => {
    const { method, strategy, like, ratio, transfer, exact, importance, scope } = given;
    const report = await fuse(models, {
      method,
      strategy,
      like,
      ratio,
      transfer,
      exact,
      importance,
      scope,
      weights: numbersOf('weights', given.weights),
      seed: seedOf(given.seed),
      allowNonfinite: given['allow-nonfinite'],
      fineTune: given['fine-tune'],
      order: given.order,
      loss: given.loss,
      ...epochsOptions(given),
      ...dataOptions(given),
      ...outputOptions(given),
      ...context,
    });
    return { report, text: (page) => fusionText(report, page), code: 0 };
  },
});
