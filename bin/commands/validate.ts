/** `onnx-transplant validate`. */
import { validate } from '../../lib/commands/validate.js';
import { command } from '../command.js';
import { INPUTS, inputOptions } from '../input-options.js';
import { numbersOf, RUNTIME } from '../options.js';
import { validateText } from '../text/validate.js';

const GROUP = 'Comparing:';

export const validateCommand = command({
  name: 'validate',
  takes: 'MODEL',
  summary: 'Check that a model is sound, runs, and computes what others compute',
  examples: [
    ['Structure, shapes, and a run in ONNX Runtime', 'model.onnx'],
    ["Does the concatenation compute the mean of its members' outputs?", 'wide.onnx --against a.onnx b.onnx'],
    ['On inputs of your own', 'new.onnx --against old.onnx --inputs samples.npz --atol 1e-4'],
    ['On a hundred random ones', 'new.onnx --against old.onnx --runs 100 --batch 8'],
    ['Token ids, of sequences of 16', 'bert.onnx --range input_ids=0,30521 --size sequence=16'],
    ['At which node do they part?', 'new.onnx --against old.onnx --trace'],
    ['Does another execution provider compute the same?', 'model.onnx --ep cuda --against-ep cpu --trace'],
  ],
  options: {
    against: {
      type: 'string',
      array: true,
      requiresArg: true,
      group: GROUP,
      describe: 'Models whose outputs are expected, with several the mean of theirs',
    },
    weights: {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'Shares of the --against models in the mean: a,b,.. Default: equal',
    },
    'against-ep': {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'Execution provider of the --against models; without any the model itself runs on both. Default: --ep',
    },
    atol: {
      type: 'number',
      requiresArg: true,
      group: GROUP,
      describe: 'Agree where |a - b| <= atol + rtol * |b|. Default: 1e-5',
    },
    rtol: { type: 'number', requiresArg: true, group: GROUP, describe: 'See --atol. Default: 1e-4' },
    trace: {
      type: 'boolean',
      group: GROUP,
      describe: 'Compare inner values too, and name the node where both part (docs/validate.md)',
    },
    ...INPUTS,
    ...RUNTIME,
  },
  run: async ([model = ''], given, context) => {
    const { against, atol, rtol, ep, trace } = given;
    const report = await validate(model, {
      against,
      weights: numbersOf('weights', given.weights),
      againstEp: given['against-ep'],
      atol,
      rtol,
      ep,
      trace,
      ...inputOptions(given),
      ...context,
    });
    return { report, text: (page) => validateText(report, page), code: report.ok ? 0 : 1 };
  },
});
