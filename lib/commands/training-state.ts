/** A training's state as files: a checkpoint that onnxruntime-training reads too, and the best parameters so far beside it. */
import { checkpointFormat, quoted, usage } from '../errors.js';
import type { Tensor } from '../ir/model.js';
import { readBlob, writeBlob } from '../onnx/blob.js';
import { requireNoInput, requireWritable } from '../onnx/target.js';
import { checkpointOf } from '../training/artifacts/save.js';
import { stateOf } from '../training/artifacts/start.js';
import { type Checkpoint, NO_PROPERTIES } from '../training/checkpoint/checkpoint.js';
import { parseCheckpoint } from '../training/checkpoint/read.js';
import { encodeCheckpoint } from '../training/checkpoint/write.js';
import type { Slot, StepGraph } from '../training/step-graph.js';
import type { EpochReport, Sums, TrainerState } from '../training/training.js';

/** The property that holds what a checkpoint has no field for. */
const KEY = 'onnx-transplant.training';

/** What is noted beside the tensors. */
interface Note {
  readonly settings: Settings;
  /** Steps of the optimizer before this training; 0 where left out. */
  readonly before?: number | undefined;
  readonly history: readonly EpochReport[];
  readonly running: Sums;
  readonly best?: { readonly epoch: number; readonly score: number } | undefined;
}

/** Options that the numbers depend on: a training goes on only with the same ones. */
export type Settings = Readonly<Record<string, unknown>>;

/** The file of the best parameters. */
export const bestPath = (path: string): string => `${path}.best`;

const startOf = ({ initial }: StepGraph, slots: readonly Slot[]): ReadonlyMap<string, Tensor> =>
  new Map(slots.map(({ name }) => [name, initial.get(name) as Tensor]));

/** A checkpoint of the parameters that a step moves. */
const movingOf = (graph: StepGraph): Checkpoint => ({
  trained: startOf(graph, graph.parameters),
  frozen: startOf(graph, graph.statistics),
  groups: [],
  properties: NO_PROPERTIES,
});

const rateOf = (state: TrainerState): number => state.history.at(-1)?.rate ?? 0;

/** Before a training starts: throws OUTPUT_PATH and OUTPUT_IS_INPUT where no state may be put. */
export function checkStatePath(path: string, inputs: readonly string[]): void {
  requireWritable(path);
  requireNoInput(path, inputs);
}

/** A training whose state is kept. */
export interface Keepable {
  readonly graph: StepGraph;
  /** The checkpoint that it began with, whose frozen parameters and properties a state has too; of the moving parameters alone if none. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Writes a state; both files appear whole or not at all. Throws FILE_SYSTEM. */
export function saveState(
  { graph, checkpoint }: Keepable,
  state: TrainerState,
  settings: Settings,
  path: string,
): void {
  const { before, best, history, running } = state;
  const kept = best && { epoch: best.epoch, score: best.score };
  const note: Note = { settings, ...(before > 0 && { before }), history, running, ...(kept && { best: kept }) };
  const start = checkpoint ?? movingOf(graph);
  const made = checkpointOf(graph, state, start, rateOf(state));
  const texts = new Map([...start.properties.texts, [KEY, JSON.stringify(note)]]);
  if (best) {
    const tensors = checkpointOf(graph, { step: state.step, tensors: best.tensors }, start, rateOf(state));
    writeBlob(encodeCheckpoint(tensors), bestPath(path));
  }
  writeBlob(encodeCheckpoint({ ...made, properties: { ...start.properties, texts } }), path);
}

/**
 * Reads a state that `saveState` wrote. Throws FILE_SYSTEM, CHECKPOINT_FORMAT, and USAGE where it comes from a training with other
 * settings or of another model.
 */
export function loadState(graph: StepGraph, settings: Settings, path: string): TrainerState {
  const checkpoint = parseCheckpoint(readBlob(path), path);
  const note = noteIn(checkpoint, path);
  expectSame(note.settings, settings, path);
  expectParameters(graph, checkpoint, path);
  const best = note.best && { ...note.best, tensors: bestTensors(graph, path) };
  return {
    ...stateOf(graph, checkpoint),
    before: note.before ?? 0,
    history: note.history,
    running: note.running,
    best,
  };
}

function bestTensors(graph: StepGraph, path: string) {
  const file = bestPath(path);
  const checkpoint = parseCheckpoint(readBlob(file), file);
  expectParameters(graph, checkpoint, file);
  return stateOf(graph, checkpoint).tensors;
}

function noteIn({ properties }: Checkpoint, path: string): Note {
  const text = properties.texts.get(KEY);
  if (text === undefined)
    throw checkpointFormat(path, 'no training of ours wrote it; it can start one as artifacts, but not resume one');
  try {
    const note: unknown = JSON.parse(text);
    if (isNote(note)) return note;
  } catch {
    // Said below.
  }
  throw checkpointFormat(path, `its property ${KEY} is damaged`);
}

function isNote(value: unknown): value is Note {
  if (typeof value !== 'object' || value === null) return false;
  const { settings, history, running } = value as Partial<Note>;
  return typeof settings === 'object' && Array.isArray(history) && typeof running?.loss === 'number';
}

/** As the note keeps them, so that what JSON leaves out counts as left out. */
const plain = (settings: Settings): Settings => JSON.parse(JSON.stringify(settings)) as Settings;

function expectSame(noted: Settings, asked: Settings, path: string): void {
  const now = plain(asked);
  const names = new Set([...Object.keys(noted), ...Object.keys(now)]);
  const other = [...names].find((name) => JSON.stringify(noted[name]) !== JSON.stringify(now[name]));
  if (other === undefined) return;
  const text = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  throw usage(
    `${quoted(path)} is of a training with ${other} ${text(noted[other])}, not ${text(now[other])}`,
    'Resume with the same options, or start anew without --resume.',
  );
}

function expectParameters(graph: StepGraph, { trained, frozen }: Checkpoint, path: string): void {
  const wrong = [...graph.parameters, ...graph.statistics].find(({ name, dims, dtype }) => {
    const tensor = trained.get(name) ?? frozen.get(name);
    return tensor?.dtype !== dtype || tensor.dims.join() !== dims.join();
  });
  if (wrong)
    throw checkpointFormat(
      path,
      `it lacks the parameter ${quoted(wrong.name)} of this model, or has it in another shape`,
    );
}
