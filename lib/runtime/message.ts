/** ONNX Runtime's messages, made fit for one line: no places in its source code, no line breaks, no endless lists. */

/** `/src/core/graph/model.cc:202 `, or `tensorprotoutils.cc:461 `. */
const PLACE = String.raw`(?:\b[A-Za-z]:)?(?:[\w.~+-]*[\\/])*[\w.-]+\.(?:cc|cpp|h|hpp|cu|cuh|mm):\d+ `;

/** The C++ function that stands after the place: `onnxruntime::Model::Model(onnx::ModelProto&&, bool) const `. */
const FUNCTION = String.raw`(?:[\w:<>~,&* ]*\((?:[^()]|\([^()]*\))*\)(?: const)?(?: \[with [^\]]*\])?(?:::<lambda\([^)]*\)>)? ?)?`;

const SOURCE = new RegExp(PLACE + FUNCTION, 'g');

/** What every message about a file starts with; our own message names the file. */
const PREFIX = /^(?:Load model (?:from )?\S* failed[:.] ?)+/;

/** Longest message that is shown. */
const SHOWN = 500;

/** The message of an error that ONNX Runtime threw. */
export function runtimeMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message
    .replace(SOURCE, '')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/\[ONNXRuntimeError\] : \d+ : \w+ : /g, '')
    .replace(PREFIX, '')
    .trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
