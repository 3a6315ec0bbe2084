/** Which value of an evaluation model its loss judges: artifacts do not say, but it stands where the labels come in. */
import type { Graph, Node } from '../../ir/model.js';
import { usedNames } from '../../ir/walk.js';

/** Names that those give who put a loss behind a model: onnxruntime-training's onnxblock, and we. */
const OF_LOSS = /^onnx::.+::\d+$|^training\./;

/**
 * The last value of the model through which the inputs reach the labels; undefined where there is none. The first nodes of a loss
 * (a Sigmoid, a LogSoftmax) do not look at the labels either, but their names tell whose they are.
 */
export function judgedValue(graph: Graph, inputs: readonly string[], labels: string): string | undefined {
  const labelled = reached(graph, new Set([labels]));
  const fed = reached(graph, new Set(inputs));
  const isMeeting = (node: Node) => node.outputs.some((name) => labelled.has(name));
  const meeting = graph.nodes.filter(isMeeting);
  const met = new Set(meeting.flatMap(usedNames).filter((name) => fed.has(name) && !labelled.has(name)));
  if (met.size === 0) return undefined;
  const values = graph.nodes.filter((node) => !isMeeting(node)).flatMap(({ outputs }) => outputs);
  const own = [...inputs, ...values].filter((name) => fed.has(name) && !OF_LOSS.test(name));
  return own.reverse().find((value) => closes(graph, inputs, value, met));
}

/** All values that some of `from` lead to, these among them; not through `barrier`. */
function reached(graph: Graph, from: ReadonlySet<string>, barrier?: string): ReadonlySet<string> {
  const found = new Set([...from].filter((name) => name !== barrier));
  for (const node of graph.nodes) {
    if (!usedNames(node).some((name) => found.has(name))) continue;
    for (const name of node.outputs) if (name !== '' && name !== barrier) found.add(name);
  }
  return found;
}

/** Whether every way from the inputs to what meets the labels goes through the value. */
function closes(graph: Graph, inputs: readonly string[], value: string, met: ReadonlySet<string>): boolean {
  const around = reached(graph, new Set(inputs), value);
  return ![...met].some((name) => name !== value && around.has(name));
}
