/** Optimizer models of onnxruntime-training: which optimizer they hold, and how they are written. */
import { artifactsFormat } from '../../errors.js';
import { float, int, type NamedAttribute } from '../../ir/attributes.js';
import { BOOL, FLOAT, INT64 } from '../../ir/dtype.js';
import type { Model, Node, Value } from '../../ir/model.js';
import { floatOf, intOf, nodeText } from '../../ir/nodes.js';
import { MICROSOFT } from '../../rules/families.js';
import { type Optimizer, SGD } from '../optimizers.js';
import { LEARNING_RATE, STEP } from './names.js';

/** An optimizer, and the largest norm of all gradients together where they are clipped. */
export interface OptimizerPlan {
  readonly optimizer: Optimizer;
  readonly clip: number | undefined;
}

/** adam_mode of AdamWOptimizer: where epsilon and the decay stand. */
const PYTORCH_MODE = 0;
const ONNXRUNTIME_MODE = 1;

const ADAMW = 'AdamWOptimizer';
const SGD_OP = 'SGDOptimizerV2';
const CLIP = 'InplaceClipGradNorm';

/** The optimizer that an optimizer model holds. Throws ARTIFACTS_FORMAT for one that is not known. */
export function readOptimizer(model: Model): OptimizerPlan {
  const { nodes } = model.graph;
  const refuse = (why: string): never => {
    throw artifactsFormat(model.label, why);
  };
  const stranger = nodes.find(
    ({ opType, domain }) => domain !== MICROSOFT && !['SequenceConstruct', 'SequenceAt', 'Identity'].includes(opType),
  );
  if (stranger) return refuse(`its ${nodeText(stranger)} is no part of an optimizer`);
  const clip = nodes.find(({ opType }) => opType === CLIP);
  const found = nodes.filter(({ opType }) => opType === ADAMW || opType === SGD_OP);
  const [node] = found;
  if (!node || found.length > 1) return refuse(`it holds ${found.length} optimizers, not one ${ADAMW} or ${SGD_OP}`);
  return {
    optimizer: node.opType === SGD_OP ? SGD : adamw(node, refuse),
    clip: clip && floatOf(clip, 'max_norm', 1),
  };
}

function adamw(node: Node, refuse: (why: string) => never): Optimizer {
  const mode = intOf(node, 'adam_mode', PYTORCH_MODE);
  if (mode !== PYTORCH_MODE && mode !== ONNXRUNTIME_MODE) return refuse(`its adam_mode is ${mode}`);
  if (intOf(node, 'correct_bias', 1) === 0) return refuse('its AdamW does not correct the first steps');
  return {
    kind: 'adamw',
    betas: [floatOf(node, 'alpha', 0.9), floatOf(node, 'beta', 0.999)],
    epsilon: floatOf(node, 'epsilon', 1e-8),
    weightDecay: floatOf(node, 'weight_decay', 0.01),
    form: mode === PYTORCH_MODE ? 'pytorch' : 'onnxruntime',
  };
}

const sequence = (name: string): Value => ({ name, dtype: undefined, shape: undefined, elements: FLOAT });

/** An optimizer model as onnxruntime-training runs it. Throws ARTIFACTS_FORMAT for what it has no operator for. */
export function microsoftOptimizer({ optimizer, clip }: OptimizerPlan, opset: number): Model {
  const isAdam = optimizer.kind === 'adamw';
  if (!isAdam && (optimizer.momentum !== 0 || optimizer.weightDecay !== 0)) {
    throw artifactsFormat('the optimizer model', "onnxruntime-training's SGD has no momentum and no weight decay");
  }
  const moments = isAdam ? ['first_order_moments', 'second_order_moments'] : ['first_order_moments'];
  const gradients = clip === undefined ? 'gradients' : 'clipped_gradients';
  const clipping = clip === undefined ? [] : [node(CLIP, ['gradients'], gradients, float('max_norm', clip))];
  const update = isAdam
    ? node(ADAMW, [LEARNING_RATE, STEP, 'params', gradients, ...moments], 'updated', ...adamAttributes(optimizer))
    : node(SGD_OP, [LEARNING_RATE, 'params', gradients], 'updated');
  return {
    label: 'the optimizer model',
    irVersion: 8,
    opsets: new Map([
      ['', opset],
      [MICROSOFT, 1],
    ]),
    producer: 'onnx-transplant',
    graph: {
      name: 'optimizer',
      nodes: [...clipping, update],
      inputs: [
        { name: LEARNING_RATE, dtype: FLOAT, shape: [1] },
        { name: STEP, dtype: INT64, shape: [1] },
        ...['params', 'gradients', ...moments].map(sequence),
      ],
      outputs: [{ name: 'updated', dtype: BOOL, shape: [1] }],
      valueInfo: [],
      initializers: new Map(),
      sparseInitializers: [],
    },
    functions: [],
    metadata: new Map(),
  };
}

const node = (
  opType: string,
  inputs: readonly string[],
  output: string,
  ...attributes: readonly NamedAttribute[]
): Node => ({ name: output, opType, domain: MICROSOFT, inputs, outputs: [output], attributes: new Map(attributes) });

const adamAttributes = ({
  betas,
  epsilon,
  weightDecay,
  form,
}: Extract<Optimizer, { kind: 'adamw' }>): readonly NamedAttribute[] => [
  float('alpha', betas[0]),
  float('beta', betas[1]),
  float('epsilon', epsilon),
  float('weight_decay', weightDecay),
  int('adam_mode', form === 'pytorch' ? PYTORCH_MODE : ONNXRUNTIME_MODE),
  int('correct_bias', 1),
];
