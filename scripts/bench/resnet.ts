/** Residual networks with BatchNormalization as PyTorch exports them without folding. */
import type { Model } from '../../lib/ir/model.js';
import { Draft, type Numbers, randomNumbers } from './draft.js';
import { ints, modelOf } from './parts.js';

/** torchvision's ResNet-50: 25.6 million parameters. */
export function resnet50(numbers: Numbers = randomNumbers()): Model {
  const draft = new Draft(numbers);
  const stem = draft.relu(draft.convNorm('input', 'stem', 3, 64, 7, 2));
  let x = draft.add('MaxPool', [stem], 'stem.pool', [
    ints('kernel_shape', [3, 3]),
    ints('strides', [2, 2]),
    ints('pads', [1, 1, 1, 1]),
  ]);
  let from = 64;
  for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
    const [inner, outer] = [64 * 2 ** stage, 256 * 2 ** stage];
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const narrow = draft.relu(draft.convNorm(x, `${name}.1`, from, inner, 1));
      const middle = draft.relu(draft.convNorm(narrow, `${name}.2`, inner, inner, 3, stride));
      const shortcut = block === 0 ? draft.convNorm(x, `${name}.down`, from, outer, 1, stride) : x;
      x = draft.join(draft.convNorm(middle, `${name}.3`, inner, outer, 1), shortcut);
      from = outer;
    }
  }
  draft.head(x, from, 1000);
  return modelOf('resnet-50', [3, 224, 224], 1000, draft.nodes, draft.initializers);
}

/** Nodes of a block of `deepResnet`. */
const BLOCK = 7;

/** A chain of basic blocks, about so many nodes, in as many stages as there are widths. */
export function deepResnet(nodes: number, widths: readonly number[], numbers: Numbers): Model {
  const draft = new Draft(numbers);
  const blocks = Math.floor(nodes / BLOCK / widths.length);
  let from = widths[0] as number;
  let x = draft.relu(draft.convNorm('input', 'stem', 3, from, 3));
  for (const [stage, width] of widths.entries()) {
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      const first = draft.relu(draft.convNorm(x, `${name}.1`, from, width, 3));
      const shortcut = from === width ? x : draft.convNorm(x, `${name}.down`, from, width, 1);
      x = draft.join(draft.convNorm(first, `${name}.2`, width, width, 3), shortcut);
      from = width;
    }
  }
  draft.head(x, from, 10);
  return modelOf(`resnet-${draft.nodes.length}`, [3, 32, 32], 10, draft.nodes, draft.initializers);
}

/** ResNet-18 for images of 32 x 32: a stem of 3 x 3, four stages of two basic blocks. */
export function resnet18(numbers: Numbers = randomNumbers()): Model {
  const draft = new Draft(numbers);
  let x = draft.relu(draft.convNorm('input', 'stem', 3, 64, 3));
  let from = 64;
  for (const [stage, width] of [64, 128, 256, 512].entries()) {
    for (let block = 0; block < 2; block++) {
      const name = `layer${stage + 1}.${block}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const first = draft.relu(draft.convNorm(x, `${name}.1`, from, width, 3, stride));
      const shortcut = from === width && stride === 1 ? x : draft.convNorm(x, `${name}.down`, from, width, 1, stride);
      x = draft.join(draft.convNorm(first, `${name}.2`, width, width, 3), shortcut);
      from = width;
    }
  }
  draft.head(x, from, 10);
  return modelOf('resnet-18', [3, 32, 32], 10, draft.nodes, draft.initializers);
}
