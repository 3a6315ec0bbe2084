/** Operator sets: domains and their versions, as models and local functions import them. */
import type { OperatorSetIdProto } from './messages.js';
import { text } from './origin.js';
import { messageType, overlay, toNumber } from './protobuf.js';

const OPSET = messageType<OperatorSetIdProto>('OperatorSetIdProto');

/** 'ai.onnx' is another name of ONNX's own domain. */
export const toDomain = (name: string): string => (name === 'ai.onnx' ? '' : name);

/** The messages of the versions by domain; of those that did not change the message that was read. */
export function opsetMessages(opsets: ReadonlyMap<string, number>, old: readonly OperatorSetIdProto[] = []) {
  return [...opsets].map(([domain, version]) => {
    const kept = old.find((message) => toDomain(message.domain) === domain);
    return kept && toNumber(kept.version) === version
      ? kept
      : overlay(OPSET, kept, { version, ...(!kept && { domain: text(domain) }) });
  });
}
