/** The names that --train and --freeze take, for the shell. */
import { parametersOf } from '../training/parameters.js';
import { loadMember } from './load.js';

/** Parameters of a model file, in its order. Throws what reading throws. */
export const parameterNames = (path: string): readonly string[] =>
  parametersOf(loadMember(path)).map(({ name }) => name);
