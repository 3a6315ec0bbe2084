/** Options that say how parameters follow their gradients. */
import { usage } from '../errors.js';
import { ADAMW, type Optimizer, SGD } from '../training/optimizers.js';

/** Which optimizer, and how. */
export interface OptimizerOptions {
  /** `sgd` unless told. */
  readonly optimizer?: Optimizer['kind'] | undefined;
  /** Of sgd, 0.9 unless told. */
  readonly momentum?: number | undefined;
  readonly nesterov?: boolean | undefined;
  /** Of sgd 0, of adamw 0.01 unless told. */
  readonly weightDecay?: number | undefined;
  /** Of adamw: how much of the two moments stays at each step, 0.9 and 0.999 unless told. */
  readonly betas?: readonly number[] | undefined;
  /** Of adamw: what is added to the root of the second moment, 1e-8 unless told. */
  readonly epsilon?: number | undefined;
}

export const OPTIMIZER: Optimizer['kind'] = 'sgd';
const MOMENTUM = 0.9;

/** The optimizer that the options mean; `adamw` holds what they do not say of that one. Throws USAGE. */
export function optimizerOf(options: OptimizerOptions, adamw: typeof ADAMW = ADAMW): Optimizer {
  const { optimizer = OPTIMIZER, momentum, nesterov = false, weightDecay, betas, epsilon } = options;
  if (momentum !== undefined && !isShare(momentum)) throw usage(`--momentum is from 0 to below 1, not ${momentum}`);
  if (weightDecay !== undefined && !(weightDecay >= 0)) throw usage(`--weight-decay is from 0 up, not ${weightDecay}`);
  if (optimizer === 'adamw') {
    if (momentum !== undefined || nesterov) throw usage('--momentum and --nesterov are for --optimizer sgd');
    if (epsilon !== undefined && !(epsilon > 0)) throw usage(`--epsilon is a number above 0, not ${epsilon}`);
    return {
      ...adamw,
      betas: betasOf(betas) ?? adamw.betas,
      epsilon: epsilon ?? adamw.epsilon,
      weightDecay: weightDecay ?? adamw.weightDecay,
    };
  }
  if (betas !== undefined || epsilon !== undefined) throw usage('--betas and --epsilon are for --optimizer adamw');
  return { ...SGD, momentum: momentum ?? MOMENTUM, nesterov, weightDecay: weightDecay ?? SGD.weightDecay };
}

const isShare = (value: number): boolean => value >= 0 && value < 1;

function betasOf(betas: readonly number[] | undefined): readonly [number, number] | undefined {
  if (!betas) return undefined;
  const [first, second] = betas;
  if (betas.length !== 2 || first === undefined || second === undefined || !betas.every(isShare))
    throw usage(`--betas are two numbers from 0 to below 1, not ${betas.join()}`, 'For example --betas .9,.999.');
  return [first, second];
}
