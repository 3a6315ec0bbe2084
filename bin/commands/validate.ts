/** `onnx-transplant validate`. */
import { validate } from '../../lib/commands/validate.js';
import { command } from '../command.js';
import { RUNTIME } from '../options.js';
import { validateText } from '../text/validate.js';

export const validateCommand = command({
  name: 'validate',
  takes: 'MODEL',
  summary: 'Check that a model is sound, runs, and computes what others compute',
  examples: [
    ['Structure, shapes, and a run in ONNX Runtime', 'model.onnx'],
    ["Does the concatenation compute the mean of its members' outputs?", 'wide.onnx --against a.onnx b.onnx'],
    ['On inputs of your own', 'new.onnx --against old.onnx --inputs samples.npz --atol 1e-4'],
  ],
  options: {
    against: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Models whose outputs are expected, with several the mean of theirs',
    },
    inputs: {
      type: 'string',
      requiresArg: true,
      describe: 'An .npz with one array for each input, by name. Default: random inputs',
    },
    atol: { type: 'number', requiresArg: true, describe: 'Agree where |a - b| <= atol + rtol * |b|. Default: 1e-5' },
    rtol: { type: 'number', requiresArg: true, describe: 'See --atol. Default: 1e-4' },
    ...RUNTIME,
  },
  run: async ([model = ''], { against, inputs, atol, rtol, ep }, context) => {
    const report = await validate(model, { against, inputs, atol, rtol, ep, ...context });
    return { report, text: (page) => validateText(report, page), code: report.ok ? 0 : 1 };
  },
});
