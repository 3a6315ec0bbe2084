#!/usr/bin/env node
/** The program's entry. */
import { main } from './cli.js';
import { printError } from './errors.js';

// A reader that closes stdout early (`| head`) has seen enough; output.ts handles all other errors of writing.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

// What nobody caught is our defect, and must not end with 1, which means that the answer is no.
process.on('uncaughtException', (error) => {
  const verbose = process.argv.includes('--verbose');
  void printError(error, { json: false, verbose }).then((code) => process.exit(code));
});

process.exitCode = await main(process.argv.slice(2));
