/** Attributes of new nodes, short to write: `emit('Transpose', [x], ints('perm', [1, 0]))`. */
import type { Attribute } from './model.js';

/** An attribute under its name. */
export type NamedAttribute = readonly [string, Attribute];

export const int = (name: string, value: number): NamedAttribute => [name, { type: 'int', value }];
export const ints = (name: string, value: readonly number[]): NamedAttribute => [name, { type: 'ints', value }];
export const float = (name: string, value: number): NamedAttribute => [name, { type: 'float', value }];
export const text = (name: string, value: string): NamedAttribute => [name, { type: 'string', value }];
