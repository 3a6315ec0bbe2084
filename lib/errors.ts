/**
 * Every error that the project raises: one factory each, with a code that programs can test and a message that tells
 * people what is wrong, where, and what to do next.
 */

/** What a caller may do about an error: `refused` is the input's fault, `defect` is ours, `cancelled` the user's wish. */
export type ErrorKind = 'refused' | 'defect' | 'cancelled';

/** The only error class of the project. `message` is one line; `advice` is the next step, one line. */
export class TransplantError extends Error {
  override readonly name = 'TransplantError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly advice: string,
    readonly kind: ErrorKind = 'refused',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Does work for which a refusal is an answer: what it made, or `why` it was refused. Defects and the wish to stop pass through. */
export function attempt<T>(work: () => T): { readonly made?: T; readonly why: string } {
  try {
    return { made: work(), why: '' };
  } catch (error) {
    if (!(error instanceof TransplantError) || error.kind !== 'refused') throw error;
    return { why: error.message };
  }
}

/** All codes, in the order of the flow: file, graph, members, selection, runtime, data, command. */
export const ERROR_CODES = [
  'FILE_SYSTEM',
  'FILE_CHANGED',
  'NOT_ONNX',
  'TRUNCATED',
  'WIRE_FORMAT',
  'FIELD_REPEATED',
  'TOO_LARGE',
  'TOO_MANY',
  'TOO_DEEP',
  'FUNCTION_CYCLE',
  'EXTERNAL_PATH',
  'EXTERNAL_FILE',
  'EXTERNAL_RANGE',
  'TENSOR_SIZE',
  'DTYPE_UNDEFINED',
  'DTYPE_UNSUPPORTED',
  'GRAPH_CYCLE',
  'NAME_DUPLICATE',
  'VALUE_UNDEFINED',
  'VERSION_UNKNOWN',
  'SHAPE_CONFLICT',
  'OP_UNSUPPORTED',
  'LAYOUT_UNSUPPORTED',
  'NO_NEURONS',
  'NONFINITE',
  'MEMBERS_DIFFER',
  'NOT_EXACT',
  'SELECTION_SIZE',
  'MASK_DIFFERS',
  'GRADIENT_MISSING',
  'CHECKPOINT_FORMAT',
  'ARTIFACTS_FORMAT',
  'OUTPUT_IS_INPUT',
  'OUTPUT_PATH',
  'EP_UNAVAILABLE',
  'RUNTIME_LOAD',
  'RUNTIME_RUN',
  'DATA_FORMAT',
  'DATA_MISMATCH',
  'USAGE',
  'CANCELLED',
  'DEFECT',
] as const;

/** One of `ERROR_CODES`. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Longest stretch of a stranger's name that is printed. */
const PRINTED = 120;

/** A name from a file, made safe to print: control characters escaped, length capped, in quotes. */
export function quoted(name: string): string {
  const short = name.length > PRINTED ? `${name.slice(0, PRINTED)}… (${name.length} characters)` : name;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const refuse = (code: ErrorCode, message: string, advice: string, cause?: unknown) =>
  new TransplantError(code, message, advice, 'refused', cause === undefined ? undefined : { cause });

/** A call of the operating system failed: missing file, no permission, disk full. */
export const fileSystem = (doing: string, path: string, cause: unknown) =>
  refuse(
    'FILE_SYSTEM',
    `${doing} ${quoted(path)}: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`,
    'Check that the path exists, that you may use it, and that the disk has room.',
    cause,
  );

/** A file was replaced or rewritten between two of our reads. */
export const fileChanged = (path: string) =>
  refuse('FILE_CHANGED', `${quoted(path)} changed while it was being read`, 'Run again when nothing writes to it.');

/** The bytes are not an ONNX model at all. `seen` says what they look like. */
export const notOnnx = (path: string, seen: string) =>
  refuse('NOT_ONNX', `${quoted(path)} is not an ONNX model: ${seen}`, 'Give the .onnx file that the exporter wrote.');

/** The file ends in the middle of something, or has no graph. */
export const truncated = (path: string, where: string) =>
  refuse('TRUNCATED', `${quoted(path)} ends too early: ${where}`, 'Copy or export the file again; it is not whole.');

/** The bytes break the rules of protobuf. */
export const wireFormat = (path: string, what: string) =>
  refuse('WIRE_FORMAT', `${quoted(path)} is not valid protobuf: ${what}`, 'Export the file again; it is damaged.');

/** A field that may stand once stands twice, so that two readers could see two models. */
export const fieldRepeated = (path: string, field: string) =>
  refuse('FIELD_REPEATED', `${quoted(path)} has the field ${field} twice`, 'Export the file again; it is ambiguous.');

/** Larger than protobuf or this machine can hold. */
export const tooLarge = (what: string, size: number, ceiling: number) =>
  refuse(
    'TOO_LARGE',
    `${what} has ${size} bytes, more than ${ceiling}`,
    'Save the model with external data: its weights then lie in a file beside it.',
  );

/** Random inputs that would take more memory than makes sense: `input` is the one with which they do. */
export const inputsTooLarge = (input: string, dims: readonly number[], ceiling: number) =>
  refuse(
    'TOO_LARGE',
    `random inputs would have more than ${ceiling} elements: ${quoted(input)} has the shape [${dims.join(', ')}]`,
    'Give smaller lengths with --batch and --size, or inputs of your own with --inputs.',
  );

/** More parts than any real model has. */
export const tooMany = (path: string, what: string, ceiling: number) =>
  refuse(
    'TOO_MANY',
    `${quoted(path)} has more than ${ceiling} ${what}`,
    'Such a file is not a model that was exported.',
  );

/** Nested deeper than we follow. */
export const tooDeep = (path: string, ceiling: number) =>
  refuse('TOO_DEEP', `${quoted(path)} nests messages or subgraphs deeper than ${ceiling}`, 'Flatten the model first.');

/** A local function calls itself. */
export const functionCycle = (path: readonly string[]) =>
  refuse(
    'FUNCTION_CYCLE',
    `local functions call each other in a circle: ${path.map(quoted).join(' -> ')}`,
    'Inline them.',
  );

/** External data lies at a path that may not be opened. */
export const externalPath = (tensor: string, location: string, why: string) =>
  refuse(
    'EXTERNAL_PATH',
    `tensor ${quoted(tensor)}: external data location ${quoted(location)} ${why}`,
    'External data must be a plain file beside the model or in a folder below it, reached without links.',
  );

/** External data is not a plain file. */
export const externalFile = (tensor: string, location: string, why: string) =>
  refuse(
    'EXTERNAL_FILE',
    `tensor ${quoted(tensor)}: external data file ${quoted(location)} ${why}`,
    'Copy the data file beside the model, as a plain file.',
  );

/** External data offset or length does not fit the file. */
export const externalRange = (tensor: string, why: string) =>
  refuse('EXTERNAL_RANGE', `tensor ${quoted(tensor)}: external data ${why}`, 'Copy or export model and data again.');

/** A tensor's bytes do not fit its shape and type. */
export const tensorSize = (tensor: string, why: string) =>
  refuse('TENSOR_SIZE', `tensor ${quoted(tensor)}: ${why}`, 'Export the file again; this tensor is damaged.');

/** A tensor has the type UNDEFINED. */
export const dtypeUndefined = (tensor: string) =>
  refuse('DTYPE_UNDEFINED', `tensor ${quoted(tensor)} has an undefined element type`, 'Export the file again.');

/** A tensor's type is legal but we cannot compute with it. */
export const dtypeUnsupported = (tensor: string, dtype: string, doing: string) =>
  refuse(
    'DTYPE_UNSUPPORTED',
    `tensor ${quoted(tensor)} of type ${dtype}: cannot ${doing}`,
    'Convert the model to float32, float16, bfloat16 or float64 first.',
  );

/** Values depend on each other in a circle. */
export const graphCycle = (path: readonly string[]) =>
  refuse('GRAPH_CYCLE', `the graph has a cycle: ${path.map(quoted).join(' -> ')}`, 'Export the model again.');

/** Two things of one kind share a name. */
export const nameDuplicate = (what: string, name: string) =>
  refuse('NAME_DUPLICATE', `${what} ${quoted(name)} is defined twice`, 'Give each value a name of its own.');

/** A value is used that nothing defines, or before it is defined. */
export const valueUndefined = (value: string, user: string, why = 'which nothing defines') =>
  refuse(
    'VALUE_UNDEFINED',
    `${user} uses the value ${quoted(value)}, ${why}`,
    'Export the model again, or sort its nodes.',
  );

/** A newer version of the format than we know. */
export const versionUnknown = (what: string, version: number, known: number) =>
  refuse(
    'VERSION_UNKNOWN',
    `${what} ${version} is newer than ${known}, the newest known here`,
    'Export with an older one.',
  );

/** Shapes contradict each other, or an operator's own rules. */
export const shapeConflict = (node: string, why: string) =>
  refuse('SHAPE_CONFLICT', `${node}: ${why}`, 'Export the model again; ONNX Runtime would refuse it too.');

/** A transform would have to change neurons that pass through an operator we cannot change. */
export const opUnsupported = (node: string, why: string) =>
  refuse('OP_UNSUPPORTED', `${node}: ${why}`, 'Export without this operator, or leave these neurons alone.');

/** The neurons of an axis lie in an order that cannot be widened. */
export const layoutUnsupported = (where: string, why: string) =>
  refuse('LAYOUT_UNSUPPORTED', `${where}: ${why}`, 'Fuse to the size of the widest member or narrower (`--like`).');

/** Nothing in this model can be selected. */
export const noNeurons = (model: string, why: string) =>
  refuse(
    'NO_NEURONS',
    `${quoted(model)} has no neurons to select: ${why}`,
    '`inspect --neurons` shows what is fixed and why.',
  );

/** No gradient can be told of a node that stands between the loss and a trainable parameter. */
export const gradientMissing = (node: string, why: string) =>
  refuse('GRADIENT_MISSING', `${node} has no gradient: ${why}`, 'Freeze the parameters in front of it (`--freeze`).');

/** A file that is no checkpoint of onnxruntime-training, or one that contradicts itself. */
export const checkpointFormat = (path: string, why: string) =>
  refuse(
    'CHECKPOINT_FORMAT',
    `${quoted(path)} is no checkpoint that can be read: ${why}`,
    'Give the state or the checkpoint as it was written; if it was cut or damaged, begin from an earlier one.',
  );

/** Training artifacts that do not fit each other, or are none. */
export const artifactsFormat = (path: string, why: string) =>
  refuse(
    'ARTIFACTS_FORMAT',
    `${quoted(path)} cannot be trained: ${why}`,
    'Give the four files of one generate_artifacts: training_model.onnx, eval_model.onnx, optimizer_model.onnx, checkpoint.',
  );

/** NaN or infinity among the weights. */
export const nonfinite = (model: string, tensor: string) =>
  refuse(
    'NONFINITE',
    `${quoted(model)}: tensor ${quoted(tensor)} holds NaN or infinity`,
    'Repair the member, or pass --allow-nonfinite.',
  );

/** Members that cannot be fused with each other. */
export const membersDiffer = (why: string, advice = 'Fuse models of one architecture; widths alone may differ.') =>
  refuse('MEMBERS_DIFFER', `the members differ: ${why}`, advice);

/** `--exact` was asked for, and the result would only be approximate. */
export const notExact = (why: string) =>
  refuse('NOT_EXACT', `the result would not be exact: ${why}`, 'Leave out --exact and fine-tune afterwards.');

/** A wish about sizes that cannot be met. */
export const selectionSize = (why: string, advice = 'Choose another ratio or another model for --like.') =>
  refuse('SELECTION_SIZE', why, advice);

/** `--mask` was asked for, and the pruned model computes something else than the masked one. `difference` is relative to the output. */
export const maskDiffers = (model: string, output: string, difference: number, tolerance: number) =>
  refuse(
    'MASK_DIFFERS',
    `${quoted(model)}, pruned, is not what it is with the removed neurons masked: output ${quoted(output)} is off by ` +
      `${difference.toPrecision(3)}, more than ${tolerance}`,
    'Nothing was written. Please report this, with the model if you can; --ignore leaves neurons alone.',
  );

/** The output would overwrite an input. */
export const outputIsInput = (path: string) =>
  refuse(
    'OUTPUT_IS_INPUT',
    `the output ${quoted(path)} is one of the inputs`,
    'Name another output, or pass --in-place.',
  );

/** The output cannot lie there. */
export const outputPath = (path: string, why: string) =>
  refuse('OUTPUT_PATH', `cannot write to ${quoted(path)}: ${why}`, 'Name a file in an existing folder.');

/** An execution provider that does not work on this machine. */
export const epUnavailable = (ep: string, why: string) =>
  refuse(
    'EP_UNAVAILABLE',
    `execution provider ${quoted(ep)}: ${why}`,
    'Use --ep cpu, which works everywhere; `onnx-transplant doctor` shows why others do not, and what to do.',
  );

/** ONNX Runtime refuses to load the model. */
export const runtimeLoad = (model: string, why: string) =>
  refuse(
    'RUNTIME_LOAD',
    `ONNX Runtime cannot load ${quoted(model)}: ${why}`,
    'Export it again for this runtime, or choose another --ep; what writes a model can leave the run out (--no-validate).',
  );

/** RUNTIME_LOAD or RUNTIME_RUN of what a command made, with what a user can do where the members do not run either. */
export const outputNotRun = (error: TransplantError) =>
  refuse(
    error.code,
    `${error.message} (nothing was written)`,
    '`validate` tells whether the models that went in run here; if not, write without running (--no-validate), or pass --ep.',
    error,
  );

/** ONNX Runtime fails while running the model. */
export const runtimeRun = (model: string, why: string) =>
  refuse(
    'RUNTIME_RUN',
    `ONNX Runtime cannot run ${quoted(model)}: ${why}`,
    'Check the inputs: names, types and shapes.',
  );

/** A data set that we cannot read. */
export const dataFormat = (path: string, why: string) =>
  refuse(
    'DATA_FORMAT',
    `${quoted(path)}: ${why}`,
    'Give a folder of IDX files, CIFAR-10 binary files, or one folder of images per class; or an .npz with input and label.',
  );

/** A data set that does not fit the model. */
export const dataMismatch = (why: string, advice = 'Give the data set that the model was trained for.') =>
  refuse('DATA_MISMATCH', why, advice);

/** Options that make no sense, alone or together. */
export const usage = (why: string, advice = 'See --help.') => refuse('USAGE', why, advice);

/** The user stopped the work. */
export const cancelled = (advice = 'Nothing was written.') =>
  new TransplantError('CANCELLED', 'stopped before the end', advice, 'cancelled');

/** Our own fault: a promise of the code does not hold. */
export const defect = (what: string, cause?: unknown) =>
  new TransplantError('DEFECT', what, 'Please report this, with the files if you can.', 'defect', { cause });
