/** Options that say how parameters follow their gradients. */
import { usage } from '../errors.js';
import { ADAMW, type Optimizer, SGD } from '../training/optimizers.js';

export interface OptimizerOptions {
  /** `sgd` unless told. */
  readonly optimizer?: Optimizer['kind'] | undefined;
  /** Of sgd, 0.9 unless told. */
  readonly momentum?: number | undefined;
  readonly nesterov?: boolean | undefined;
  /** Of sgd 0, of adamw 0.01 unless told. */
  readonly weightDecay?: number | undefined;
}

export const OPTIMIZER: Optimizer['kind'] = 'sgd';
const MOMENTUM = 0.9;

/** The optimizer that the options mean. Throws USAGE. */
export function optimizerOf(options: OptimizerOptions): Optimizer {
  const { optimizer = OPTIMIZER, momentum, nesterov = false, weightDecay } = options;
  if (momentum !== undefined && !(momentum >= 0 && momentum < 1))
    throw usage(`--momentum is from 0 to below 1, not ${momentum}`);
  if (weightDecay !== undefined && !(weightDecay >= 0)) throw usage(`--weight-decay is from 0 up, not ${weightDecay}`);
  if (optimizer === 'adamw') {
    if (momentum !== undefined || nesterov) throw usage('--momentum and --nesterov are for --optimizer sgd');
    return { ...ADAMW, weightDecay: weightDecay ?? ADAMW.weightDecay };
  }
  return { ...SGD, momentum: momentum ?? MOMENTUM, nesterov, weightDecay: weightDecay ?? SGD.weightDecay };
}
