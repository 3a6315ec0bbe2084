/** `onnx-transplant prune`. */
import { prune } from '../../lib/commands/prune.js';
import { command } from '../command.js';
import { dataOptions, OUTPUT, outputOptions, RUNTIME, ratiosOf, SCORING, SCORING_DATA, seedOf } from '../options.js';
import { pruneText } from '../text/transforms.js';

const GROUP = 'Pruning:';

export const pruneCommand = command({
  name: 'prune',
  takes: 'MODEL',
  summary: 'Drop the least important neurons of a model',
  examples: [
    ['Drop half of the neurons of each layer', 'model.onnx --ratio 0.5 -o half.onnx'],
    ['But leave the first layer alone', 'm.onnx --ratio 0.5 --ignore conv1.weight -o half.onnx'],
    ['What would go, and what cannot; write nothing', 'model.onnx --ratio 0.5 --explain --dry-run'],
    ['Prove the result by masking before it is written', 'model.onnx --ratio 0.5 --mask -o half.onnx'],
    ['To half of the computation', 'model.onnx --target-macs 50% --scope global -o half.onnx'],
    ['The worst half of all, at most 80 % of a layer', 'm.onnx --ratio .5 --scope global --max-ratio .8 -o o.onnx'],
    ['Two layers only, to multiples of 8', 'm.onnx --ratio-for fc1=.5 fc2=.2 --round-to 8 -o o.onnx'],
    ['By what neurons do on data', 'm.onnx --ratio .5 --importance activation --data mnist/ -o o.onnx'],
  ],
  options: {
    ratio: {
      type: 'number',
      requiresArg: true,
      group: GROUP,
      describe: 'Share of the neurons to drop, from 0 to below 1: of each group, or with --scope global of all',
    },
    'target-params': {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'In place of --ratio: the most parameters that may be left, a number or a share such as 50%',
    },
    'target-macs': {
      type: 'string',
      requiresArg: true,
      group: GROUP,
      describe: 'In place of --ratio: the most multiply-accumulates that may be left, a number or a share',
    },
    'ratio-for': {
      type: 'string',
      array: true,
      requiresArg: true,
      group: GROUP,
      describe: 'NAME=R: another ratio for the group that NAME means (as in --ignore). May be given again',
    },
    'max-ratio': {
      type: 'number',
      requiresArg: true,
      group: GROUP,
      describe: 'Largest share of a group that may go, whatever else is asked for. Default: 1, all but one neuron',
    },
    'round-to': {
      type: 'number',
      requiresArg: true,
      group: GROUP,
      describe: 'Round widths that change down to a multiple of this',
    },
    ignore: {
      type: 'string',
      array: true,
      requiresArg: true,
      group: GROUP,
      describe: 'Names of initializers, values, groups or nodes whose neurons stay (inspect --neurons lists them)',
    },
    isomorphic: {
      type: 'boolean',
      group: GROUP,
      describe: 'With --scope global (implied): groups compete only with those of the same structure',
    },
    heads: {
      type: 'boolean',
      group: GROUP,
      describe: 'Drop whole attention heads and groups, not the same neuron of each',
    },
    mask: {
      type: 'boolean',
      group: GROUP,
      describe:
        'Before writing, prove in ONNX Runtime that the result computes what the model does with these neurons at zero',
    },
    explain: {
      type: 'boolean',
      group: GROUP,
      describe: 'Print every group with all its axes and its scores, and what cannot be pruned and why',
    },
    ...SCORING,
    ...SCORING_DATA,
    ...OUTPUT,
    ...RUNTIME,
  },
  run: async ([model = ''], given, context) => {
    const { ratio, ignore, importance, scope, isomorphic, heads, mask, explain } = given;
    const report = await prune(model, {
      ratio,
      targetParams: given['target-params'],
      targetMacs: given['target-macs'],
      ratioFor: ratiosOf(given['ratio-for']),
      maxRatio: given['max-ratio'],
      roundTo: given['round-to'],
      ignore,
      importance,
      scope,
      isomorphic,
      heads,
      mask,
      explain,
      seed: seedOf(given.seed),
      allowNonfinite: given['allow-nonfinite'],
      ...dataOptions(given),
      ...outputOptions(given),
      ...context,
    });
    return { report, text: (page) => pruneText(report, page), code: 0 };
  },
});
