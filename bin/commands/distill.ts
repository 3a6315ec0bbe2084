/** `onnx-transplant distill`. */
import { distill } from '../../lib/commands/distill.js';
import { command } from '../command.js';
import { trainText } from '../text/train.js';
import { TRAINING, trainingOptions } from '../training-options.js';

const GROUP = 'Distilling:';

export const distillCommand = command({
  name: 'distill',
  takes: 'MODEL',
  summary: "Fine-tune a student on its teachers' mean logits",
  examples: [
    ['A fused model, taught by its members', 'fused.onnx --teachers a.onnx b.onnx --data mnist/ -o tuned.onnx'],
  ],
  options: {
    teachers: {
      type: 'string',
      array: true,
      requiresArg: true,
      group: GROUP,
      describe: 'Models to learn from (required)',
    },
    temperature: { type: 'number', requiresArg: true, group: GROUP, describe: 'Softens the distributions. Default: 2' },
    alpha: {
      type: 'number',
      requiresArg: true,
      group: GROUP,
      describe: "The teachers' share of the loss; the rest is cross entropy. Default: 0.25",
    },
    ...TRAINING,
  },
  run: async ([student = ''], given, context) => {
    const { teachers = [], temperature, alpha } = given;
    const report = await distill(student, { ...trainingOptions(given), teachers, temperature, alpha, ...context });
    return { report, text: (page) => trainText(report, page), code: 0 };
  },
});
