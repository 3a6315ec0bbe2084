/** `onnx-transplant train`. */
import { checkTraining } from '../../lib/commands/check-training.js';
import { train } from '../../lib/commands/train.js';
import { command } from '../command.js';
import { checkText } from '../text/check-training.js';
import { trainText } from '../text/train.js';
import { CHECK, checkOptions, LOSS, TRAINING, trainingOptions } from '../training-options.js';

export const trainCommand = command({
  name: 'train',
  takes: 'MODEL',
  summary: 'Fine-tune a model, or a folder of training artifacts, on data, on the stock ONNX Runtime',
  examples: [
    ['Four epochs on a folder of IDX files', 'fused.onnx --data mnist/ --epochs 4 -o tuned.onnx'],
    [
      'As the paper does on CIFAR-10',
      'fused.onnx --data cifar-10/ --normalize .4914,.4822,.4465/.247,.243,.261 --lr .01 --batch 256 -o tuned.onnx',
    ],
    ['Only the last layer, with AdamW', "fused.onnx --data mnist/ --train 'fc3.*' --optimizer adamw -o tuned.onnx"],
    ['What can be trained', 'fused.onnx --check'],
    ['Training artifacts, also those of onnxruntime-training', 'artifacts/ --data mnist/ --epochs 4 -o tuned.onnx'],
  ],
  options: { ...CHECK, ...LOSS, ...TRAINING },
  run: async ([model = ''], given, context) => {
    if (given.check) {
      const report = checkTraining(model, checkOptions(given));
      return { report, text: (page) => checkText(report, page), code: report.ok ? 0 : 1 };
    }
    const report = await train(model, { ...trainingOptions(given), loss: given.loss, ...context });
    return { report, text: (page) => trainText(report, page), code: 0 };
  },
});
