/** What a training trains: a model with a loss and an optimizer put behind it. */
import { listInitializers, replaceConstants } from '../ir/edit.js';
import type { Model, Tensor, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import type { Checkpoint } from '../training/checkpoint/checkpoint.js';
import { isOwn, type LossChoice } from '../training/judged.js';
import { buildJudge, type JudgingGraph } from '../training/judging-graph.js';
import { buildStep, type StepGraph } from '../training/step-graph.js';
import type { TrainingState } from '../training/step-session.js';
import { OPTIMIZER } from './optimizer-options.js';
import { stepOptions, TRAINING, type TrainOptions } from './train-options.js';
import { trainedInput } from './training-inputs.js';

/** One step, what judges it, and the model that comes of it; the trainer need not know what they were made from. */
export interface Trainee {
  readonly graph: StepGraph;
  /** Where it stands before the first step, where that is not what the graph begins with. */
  readonly start?: TrainingState | undefined;
  /** The checkpoint that it came with. */
  readonly checkpoint?: Checkpoint | undefined;
  /** The input that the data fills. */
  readonly input: Value;
  /** Which loss looks at the labels, by its name. */
  readonly loss: string;
  /** The learning rate where none is told. */
  readonly rate: number;
  /** What judges on held-out data. */
  judging(): JudgingGraph;
  /** The model with these parameters and running statistics. */
  finish(parameters: readonly Tensor[]): Model;
}

/** A model as it comes to training, without its data. */
export type TraineeOptions = Omit<TrainOptions, 'data'>;

/** A model that is trained by our own backward pass; a student is judged by the labels. Throws USAGE, GRADIENT_MISSING, DATA_MISMATCH. */
export function modelTrainee(model: Model, options: TraineeOptions, choice: LossChoice): Trainee {
  const input = trainedInput(fedInputs(model.graph), options.input);
  const step = stepOptions(options, choice);
  return {
    graph: buildStep(model, step),
    input,
    loss: typeof choice === 'string' ? choice : isOwn(choice) ? choice.label : TRAINING.loss,
    rate: TRAINING.lr[options.optimizer ?? OPTIMIZER],
    judging: () => buildJudge(model, step),
    finish: (parameters) => {
      const tensors = new Map(parameters.map((tensor) => [tensor.name, tensor]));
      return listInitializers({ ...model, graph: replaceConstants(model.graph, tensors) });
    },
  };
}
