/** Table: the networks whose training is measured, as scripts/bench/train.py has them in PyTorch. */
import type { Model } from '../../lib/ir/model.js';
import { Draft, randomNumbers } from './draft.js';
import { modelOf } from './parts.js';
import { resnet18 } from './resnet.js';

const CLASSES = 10;

/** 3072-512-512-512-10 without biases. */
function mlp(): Model {
  const draft = new Draft(randomNumbers());
  let x = draft.add('Flatten', ['input'], 'flat');
  for (const [i, from] of [3072, 512, 512].entries()) x = draft.relu(draft.product(x, `fc${i + 1}`, from, 512));
  draft.product(x, 'fc4', 512, CLASSES, 'logits');
  return modelOf('mlp', [3, 32, 32], CLASSES, draft.nodes, draft.initializers);
}

function lenet(): Model {
  const draft = new Draft(randomNumbers());
  const first = draft.pool(draft.relu(draft.conv('input', 'conv1', 3, 6, 5, 0)));
  const second = draft.pool(draft.relu(draft.conv(first, 'conv2', 6, 16, 5, 0)));
  const flat = draft.add('Flatten', [second], 'flat');
  const third = draft.relu(draft.linear(flat, 'fc1', 400, 120));
  draft.linear(draft.relu(draft.linear(third, 'fc2', 120, 84)), 'fc3', 84, CLASSES, 'logits');
  return modelOf('lenet', [3, 32, 32], CLASSES, draft.nodes, draft.initializers);
}

/** VGG11 for images of 32 x 32: eight convolutions, one linear layer. */
function vgg11(): Model {
  const draft = new Draft(randomNumbers());
  let [x, from] = ['input', 3];
  for (const [i, step] of [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0].entries()) {
    if (step === 0) x = draft.pool(x);
    else [x, from] = [draft.relu(draft.conv(x, `conv${i}`, from, step, 3, 1)), step];
  }
  draft.linear(draft.add('Flatten', [x], 'flat'), 'fc', 512, CLASSES, 'logits');
  return modelOf('vgg11', [3, 32, 32], CLASSES, draft.nodes, draft.initializers);
}

export interface Trained {
  readonly make: () => Model;
  readonly batch: number;
  readonly steps: number;
}

export const TRAINED: ReadonlyMap<string, Trained> = new Map([
  ['mlp', { make: mlp, batch: 256, steps: 40 }],
  ['lenet', { make: lenet, batch: 256, steps: 30 }],
  ['vgg11', { make: vgg11, batch: 64, steps: 6 }],
  ['resnet18', { make: resnet18, batch: 32, steps: 5 }],
]);
