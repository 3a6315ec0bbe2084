/** Shape cases of attention. */
import type { ShapeCase } from './case.js';

const four = { q: ['batch', 4, 5, 6], k: ['batch', 4, 7, 6], v: ['batch', 4, 7, 8] } as const;

export const attentionCases: readonly ShapeCase[] = [
  { opset: 23, inputs: four, nodes: ['y, keys, values, scores = Attention(q, k, v)'] },
  {
    opset: 24,
    inputs: { ...four, m: ['batch', 1, 5, 10], pk: ['batch', 4, 3, 6], pv: ['batch', 4, 3, 8] },
    nodes: ['y, keys, values, scores = Attention(q, k, v, m, pk, pv)'],
  },
  {
    opset: 23,
    inputs: { q: ['batch', 5, 24], k: ['batch', 'h', 12], v: ['batch', 'h', 16] },
    nodes: ['y, keys = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 2}'],
  },
  {
    opset: 23,
    inputs: { x: ['batch', 4, 5, 8], c: ['batch', 5, 4], s: ['batch', 5, 4] },
    nodes: ['y = RotaryEmbedding(x, c, s)'],
  },
  {
    opset: 23,
    inputs: { x: ['batch', 5, 32], c: ['batch', 5, 2], s: ['batch', 5, 2] },
    nodes: ['y = RotaryEmbedding(x, c, s) {num_heads: 4, rotary_embedding_dim: 4}'],
  },
];
