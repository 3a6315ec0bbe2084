/** `--loss`: one of ours by its name, or a model file that computes one. */
import { quoted, usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import { hashFiles } from '../onnx/hash.js';
import { isOwn, type LossChoice } from '../training/judged.js';
import { LOSSES, type LossName } from '../training/losses.js';
import { loadMember } from './load.js';

/** The loss that a training uses where none is named. */
export const DEFAULT_LOSS: LossName = 'cross-entropy';

const isName = (loss: string): loss is LossName => (LOSSES as readonly string[]).includes(loss);

/** Names have no dots and no slashes, paths of files have. */
const PATH = /[./\\]/;

/** The loss that is meant. Throws USAGE where it is neither, and what reading a model throws. */
export function lossOf(loss: string = DEFAULT_LOSS): LossName | Model {
  if (isName(loss)) return loss;
  if (PATH.test(loss)) return loadMember(loss);
  throw usage(
    `${quoted(loss)} is no loss`,
    `Choose one of ${LOSSES.join(', ')}, or give a model file that computes one from the outputs and the labels.`,
  );
}

/** The files that the loss is read from. */
export const lossFiles = (loss: string = DEFAULT_LOSS): readonly string[] => (isName(loss) ? [] : [loss]);

/** What of a loss numbers depend on beside its path, which only says what it is called. Throws FILE_CHANGED, FILE_SYSTEM. */
export const lossSettings = async (
  loss: LossChoice,
): Promise<{ readonly lossHash?: readonly (readonly string[])[] }> =>
  isOwn(loss) ? { lossHash: await hashFiles([loss]) } : {};
