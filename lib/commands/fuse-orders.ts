/** Fusing, training and pruning one after the other, with nothing written in between. */
import type { Model } from '../ir/model.js';
import { weightsOf } from '../report/contents.js';
import type { EpochReport, Judgement } from '../training/training.js';
import { concat } from '../transforms/concat.js';
import type { MeasureOptions } from './activations.js';
import type { Order } from './fine-tune-options.js';
import { type FusionSettings, fuseModels } from './fuse-models.js';
import { type GroupReport, groupReports } from './groups.js';
import { lossOf } from './loss-option.js';
import { type GroupPicks, pickedInSteps } from './picks.js';
import { prove } from './proof.js';
import { checkNarrowing, pruneLike } from './prune-like.js';
import { judgeUntrained, type Ran } from './run-training.js';
import { during, keepingFirst, trainStage } from './stages.js';
import type { TrainOptions } from './train-options.js';
import { modelTrainee } from './trainee.js';
import type { Settings } from './training-state.js';

/** What one stage made of the model. */
export interface StageReport {
  readonly stage: 'fuse' | 'concat' | 'train' | 'prune';
  /** How many numbers the model holds after it. */
  readonly parameters: number;
  /** On held-out data, where there is some; nothing stands in front of the first stage. */
  readonly before?: Judgement | undefined;
  readonly after?: Judgement | undefined;
  /** Of a training: all epochs, the one whose parameters were kept, and why it ended early. */
  readonly history?: readonly EpochReport[] | undefined;
  readonly epoch?: number | undefined;
  readonly stopped?: 'patience' | undefined;
  readonly seconds: number;
}

/** A fusion that was fine-tuned. */
export interface FineTuned {
  readonly model: Model;
  /** Whose neurons were kept. */
  readonly steps: readonly (readonly GroupReport[])[];
  /** The same, neuron by neuron; undefined where the model holds none of a single member. */
  readonly picks: readonly GroupPicks[] | undefined;
  readonly notes: readonly string[];
  readonly stages: readonly StageReport[];
}

/** What goes in. */
export interface Fusion {
  readonly members: readonly Model[];
  readonly like: Model | undefined;
  /** What was asked for, with its defaults. */
  readonly settings: FusionSettings;
  /** On what neurons are scored, where they are scored on data. */
  readonly measuring: MeasureOptions;
  readonly training: TrainOptions;
  /** What the numbers of all stages depend on. */
  readonly recipe: Settings;
}

/** Runs the stages of an order. Throws what each of them throws; CANCELLED tells how to go on where a state was kept. */
export function fuseInOrder(fusion: Fusion, order: Order): Promise<FineTuned> {
  return order === 'fuse-train' ? fuseTrain(fusion) : concatTrainPrune(fusion, order === 'concat-train-prune-train');
}

async function fuseTrain({ members, like, settings, measuring, training, recipe }: Fusion): Promise<FineTuned> {
  const fused = await timed(() => fuseModels(members, like, settings, during('fuse', measuring)));
  const { model, rankings, notes } = fused.made;
  const trained = await timed(() => trainStage(model, 'train', training, { settings: recipe }));
  const { ran } = trained.made;
  return {
    model: ran.model,
    steps: rankings.map(groupReports),
    picks: pickedInSteps(settings.strategy, members.length, rankings),
    notes,
    stages: [
      { stage: 'fuse', parameters: sizeOf(model), after: ran.before, seconds: fused.seconds },
      trainingReport(ran, trained.seconds),
    ],
  };
}

async function concatTrainPrune(fusion: Fusion, again: boolean): Promise<FineTuned> {
  const { members, settings, measuring, training, recipe } = fusion;
  const like = fusion.like ?? (members[0] as Model);
  const joined = await timed(() => sideBySide(fusion, like));
  const wide = joined.made;
  const narrowing = { groups: wide.groups, ratio: settings.ratio, scoring: settings };
  checkNarrowing(wide.model, narrowing);
  const first = await timed(() => trainStage(wide.model, 'train', training, { settings: recipe }));
  const { ran } = first.made;
  return keepingFirst(first.made, training, async (resume) => {
    const pruned = await timed(() => pruneLike(ran.model, narrowing, during('prune', measuring)));
    const narrow = pruned.made;
    const second = again
      ? await timed(() =>
          trainStage(narrow.model, 'train again', { ...training, resume }, { settings: recipe, number: 2 }),
        )
      : undefined;
    const last = second?.made.ran;
    const after = last
      ? last.before
      : await judgeUntrained(modelTrainee(narrow.model, training, lossOf(training.loss)), training);
    return {
      model: last?.model ?? narrow.model,
      steps: [narrow.groups],
      picks: narrow.picks,
      notes: [...new Set([...wide.notes, ...narrow.notes])],
      stages: [
        { stage: 'concat', parameters: sizeOf(wide.model), after: ran.before, seconds: joined.seconds },
        trainingReport(ran, first.seconds),
        { stage: 'prune', parameters: sizeOf(narrow.model), before: endOf(ran), after, seconds: pruned.seconds },
        ...(last ? [trainingReport(last, second.seconds)] : []),
      ],
    };
  });
}

async function sideBySide({ members, settings, measuring }: Fusion, like: Model) {
  const { exact, weights } = settings;
  during('concat', measuring).onProgress?.({ stage: 'matching', done: 0, total: 1 });
  const made = concat(members, { exact, like, ...(weights ? { weights } : {}) });
  await prove(made.proofs, like, settings.ep);
  return made;
}

const sizeOf = (model: Model): number => weightsOf(model).parameters;

/** How good the parameters are that a training ends with. */
const endOf = ({ history, epoch, before }: Ran): Judgement | undefined =>
  history.find((each) => each.epoch === epoch)?.evaluation ?? (history.length === 0 ? before : undefined);

const trainingReport = (ran: Ran, seconds: number): StageReport => ({
  stage: 'train',
  parameters: sizeOf(ran.model),
  before: ran.before,
  after: endOf(ran),
  history: ran.history,
  epoch: ran.epoch,
  ...(ran.stopped && { stopped: ran.stopped }),
  seconds,
});

async function timed<T>(work: () => Promise<T>): Promise<{ readonly made: T; readonly seconds: number }> {
  const started = performance.now();
  const made = await work();
  return { made, seconds: (performance.now() - started) / 1000 };
}
