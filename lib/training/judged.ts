/** A model's outputs judged by a loss of any kind: where every graph begins that has a backward pass. */
import { quoted, usage } from '../errors.js';
import type { Model, Value } from '../ir/model.js';
import type { GrowingGraph } from './growing.js';
import { addLossGraph, withOpsetsOf } from './loss-graph.js';
import { addDistillation, addLoss, type Distillation, type LossName } from './losses.js';

/** A loss by its name, from teachers, or a graph of the user's. */
export type LossChoice = LossName | Distillation | Model;

/** Which loss, on which output (the first where left out). */
export interface JudgeOptions {
  readonly loss: LossChoice;
  readonly output?: string | undefined;
}

export interface Judged {
  readonly loss: string;
  /** The loss's gradient by values of the graph: where the backward pass begins. */
  readonly seeds: ReadonlyMap<string, string>;
  /** What must be fed beside the model's inputs. */
  readonly inputs: readonly Value[];
  /** Which of them takes the labels, and which the teachers' logits. */
  readonly labels: string | undefined;
  readonly teacher: string | undefined;
  /** The output that the loss judges. */
  readonly output: string;
}

export const isOwn = (loss: LossChoice): loss is Model => typeof loss !== 'string' && 'graph' in loss;

/** The model, able to hold the loss too. Throws USAGE. */
export const readyFor = (model: Model, loss: LossChoice): Model => (isOwn(loss) ? withOpsetsOf(model, loss) : model);

/** Puts a loss behind the model's outputs; `labels` is how its labels are to be named. Throws USAGE, SHAPE_CONFLICT. */
export function judge(graph: GrowingGraph, model: Model, options: JudgeOptions, labels = 'labels'): Judged {
  const { loss } = options;
  const output = outputOf(model, options.output);
  if (isOwn(loss)) return byGraph(graph, model, loss, output);
  const name = graph.name(labels);
  if (typeof loss === 'string') {
    const made = addLoss(graph, loss, output, name);
    return { ...made, seeds: new Map([[output, made.gradient]]), labels: name, teacher: undefined, output };
  }
  const teacher = graph.name('teacher');
  const made = addDistillation(graph, loss, output, name, teacher);
  const seeds = new Map([[output, made.gradient]]);
  return { ...made, seeds, labels: loss.alpha === 1 ? undefined : name, teacher, output };
}

function byGraph(graph: GrowingGraph, model: Model, own: Model, asked: string): Judged {
  const { loss, output, labels } = addLossGraph(graph, model, own, asked);
  return {
    loss,
    seeds: new Map([[loss, graph.reals([1], [], loss)]]),
    inputs: labels ? [labels] : [],
    labels: labels?.name,
    teacher: undefined,
    output,
  };
}

/** The output that is asked for, or the first. Throws USAGE. */
export function outputOf({ graph, label }: Model, asked: string | undefined): string {
  const names = graph.outputs.map(({ name }) => name);
  const name = asked ?? names[0];
  if (name !== undefined && names.includes(name)) return name;
  throw usage(`${quoted(label)} has no output ${asked ?? ''}`.trimEnd(), `Outputs: ${names.join(', ') || 'none'}.`);
}
