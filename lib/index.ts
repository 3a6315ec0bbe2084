/** The public API of onnx-transplant. Everything else is internal and may change. */

// Models in memory: neurons and fusions.
export type { FactorPolicy } from './analysis/composites.js';
export type { Labels, NeuronGroup, NodeLayer } from './analysis/groups.js';
export type { Importance, ImportanceOptions } from './analysis/importance/measure.js';
export type { Moments } from './analysis/importance/moments.js';
export { findNeurons, type Neurons } from './analysis/neurons.js';
export type { FactsMap } from './analysis/shapes.js';
export type { GroupSimilarity, OutputSimilarity, Similarity } from './analysis/similarity.js';
// The commands: files in, files and reports out.
export type { ScoringDataOptions } from './commands/activations.js';
export type { CheckOptions, CheckReport, MissingGradient } from './commands/check-report.js';
export { checkTraining } from './commands/check-training.js';
export { type ConcatOptions, type ConcatReport, concat } from './commands/concat.js';
export type { DataArray, DataBatch, DataSource } from './commands/data-source.js';
export { type DiffOptions, type DiffReport, diff } from './commands/diff.js';
export type { OutputsReport, RunComparison } from './commands/diff-outputs.js';
export { type DistillOptions, distill } from './commands/distill.js';
export { type DoctorOptions, type DoctorReport, doctor, type ProviderReport } from './commands/doctor.js';
export { type EvaluatedModel, type EvaluateOptions, type EvaluateReport, evaluate } from './commands/evaluate.js';
export type { ExplainedGroup, Explanation, ScoreStatistics } from './commands/explain.js';
export type { FineTuneOptions, Order } from './commands/fine-tune-options.js';
export { foldConstants } from './commands/fold-constants.js';
export { type FuseOptions, type FuseReport, fuse } from './commands/fuse.js';
export type { Method } from './commands/fuse-models.js';
export type { StageReport } from './commands/fuse-orders.js';
export type { GroupReport } from './commands/groups.js';
export type { InputOptions } from './commands/input-sets.js';
export { type InspectOptions, type InspectReport, inspect } from './commands/inspect.js';
export type { MaskReport } from './commands/mask-proof.js';
export type { MemberSimilarity, PairSimilarity } from './commands/member-similarity.js';
export type { OptimizerOptions } from './commands/optimizer-options.js';
export type { OutputOptions, Progress, RunOptions, ScoringOptions } from './commands/options.js';
export type { GroupOrigins, NeuronOrigins, OriginRun } from './commands/origins.js';
export type { GroupProvenance, Provenance } from './commands/provenance.js';
export { type PruneOptions, type PruneReport, prune } from './commands/prune.js';
export type { ModelSize, SizeWish, SizeWishes } from './commands/prune-size.js';
export type { Saved } from './commands/save.js';
export type { NodeName, Part, TracedInput, TracePoint, TraceReport } from './commands/trace-report.js';
export { type TrainReport, train } from './commands/train.js';
export type { TrainOptions } from './commands/train-options.js';
export type { TrainingInputs } from './commands/training-inputs.js';
export { validate } from './commands/validate.js';
export type { ValidateOptions } from './commands/validate-options.js';
export type {
  AgainstReport,
  Check,
  OutputReport,
  SetComparison,
  SetName,
  ValidateReport,
} from './commands/validate-report.js';
// Their options and reports in detail.
export type { DatasetOptions, Split } from './data/dataset.js';
export type { Normalize } from './data/normalize.js';
// What differs between two models.
export type { ElementDiff, Fit, LargestChange } from './diff/elements.js';
export type { HeaderChange, ValueDiff } from './diff/header.js';
export type { Evidence } from './diff/matching.js';
export type { ModelDiff } from './diff/models.js';
export type { NodeDifference } from './diff/node-differences.js';
export type { NodeDiff, NodeRef, SettingChange } from './diff/nodes.js';
export type { Permuted, PermutedGroup } from './diff/permutation.js';
export type { TensorDiff, TensorRef } from './diff/tensors.js';
export type { Verdict } from './diff/verdict.js';
// Refusals.
export { ERROR_CODES, type ErrorCode, type ErrorKind, TransplantError } from './errors.js';
// Models in memory: reading, writing, checking.
export type { Bytes } from './ir/bytes.js';
export type { Dim, Shape, SymbolicDim } from './ir/dim.js';
export type { Attribute, Graph, LocalFunction, Model, Node, Origin, Tensor, Value } from './ir/model.js';
export { verifyModel } from './ir/verify.js';
export type { Ability, FolderReport } from './machine/folder.js';
export type { Memory, Processors } from './machine/resources.js';
export type { ProviderTrial } from './machine/try-provider.js';
export { parseModel, readModel } from './onnx/read.js';
export type { ExternalFile, NodeNotes } from './onnx/stored.js';
export { encodeModel, type WriteOptions, type Written, writeModel } from './onnx/write.js';
export type {
  Contents,
  FunctionReport,
  MetadataEntry,
  OperatorCount,
  TypeReport,
  ValueReport,
  WeightsReport,
} from './report/contents.js';
export type { ActivationReport, NodeCost } from './report/costs.js';
export type { Duplicates } from './report/duplicates.js';
export type {
  DeadNeurons,
  Extreme,
  Health,
  NegativeVariances,
  Nonfinite,
  UnreadNeurons,
} from './report/health.js';
export type { ModelReport } from './report/inspect.js';
export type { MacsReport } from './report/macs.js';
export type { AxisReport, FixedReport, NeuronGroupReport, NeuronsReport, UncoveredNode } from './report/neurons.js';
export type { SizeOptions } from './report/open-sizes.js';
export type { Facts } from './rules/shape/rule.js';
export type { AxisRef, Layer, Mixes, Scale } from './rules/structure/relation.js';
export type { OutputComparison, Tolerance } from './runtime/compare.js';
export type { Range } from './runtime/feeds.js';
export type { OutputStatistics } from './runtime/statistics.js';
export type { Worst } from './runtime/tally.js';
// Training artifacts: those of onnxruntime-training, and our own for any onnxruntime.
export { readArtifacts, writeArtifacts } from './training/artifacts/files.js';
export { type ArtifactOptions, type Flavor, generateArtifacts } from './training/artifacts/generate.js';
export { type Artifacts, type LoadedArtifacts, loadArtifacts } from './training/artifacts/load.js';
export { TrainingSession } from './training/artifacts/session.js';
export type { Checkpoint, OptimizerGroup, Properties } from './training/checkpoint/checkpoint.js';
export { parseCheckpoint } from './training/checkpoint/read.js';
export { encodeCheckpoint } from './training/checkpoint/write.js';
export type { LossName } from './training/losses.js';
export type { ParameterChoice } from './training/parameters.js';
export type { EpochReport, Judgement, TrainingProgress } from './training/training.js';
export { type AverageOptions, average } from './transforms/average.js';
export type { Transformed } from './transforms/concat.js';
export { type EnsembleOptions, ensemble } from './transforms/ensemble.js';
export type { Scope } from './transforms/pools.js';
export type { RankedGroup } from './transforms/select.js';
export type { Proof } from './transforms/side-by-side.js';
export { type Strategy, type Transplanted, type TransplantOptions, transplant } from './transforms/transplant.js';
