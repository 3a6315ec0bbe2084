/** All commands, in the order of the help. */
import type { Command } from '../command.js';
import { artifactsCommand } from './artifacts.js';
import { concatCommand } from './concat.js';
import { diffCommand } from './diff.js';
import { distillCommand } from './distill.js';
import { doctorCommand } from './doctor.js';
import { evaluateCommand } from './evaluate.js';
import { fuseCommand } from './fuse.js';
import { inspectCommand } from './inspect.js';
import { pruneCommand } from './prune.js';
import { trainCommand } from './train.js';
import { validateCommand } from './validate.js';

export const COMMANDS: readonly Command[] = [
  fuseCommand,
  concatCommand,
  pruneCommand,
  inspectCommand,
  diffCommand,
  validateCommand,
  evaluateCommand,
  trainCommand,
  distillCommand,
  artifactsCommand,
  doctorCommand,
];
