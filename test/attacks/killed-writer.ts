/** A process that writes a model over `path` and kills itself before call number `last` of the system (0: never). */
import { type OutputFiles, systemFiles } from '../../lib/onnx/output-files.js';
import { readModel } from '../../lib/onnx/read.js';
import { writeModel } from '../../lib/onnx/write.js';

const [source = '', path = '', external = '', last = ''] = process.argv.slice(2);

let calls = 0;

const counted =
  <A extends unknown[], R>(call: (...args: A) => R) =>
  (...args: A): R => {
    calls += 1;
    if (calls === Number(last)) process.kill(process.pid, 'SIGKILL');
    return call(...args);
  };

const files: OutputFiles = {
  create: counted(systemFiles.create),
  write: counted(systemFiles.write),
  sync: counted(systemFiles.sync),
  close: counted(systemFiles.close),
  rename: counted(systemFiles.rename),
  remove: counted(systemFiles.remove),
  syncFolder: counted(systemFiles.syncFolder),
};

const model = readModel(source);
await writeModel(model, path, { externalData: external === 'true', files });
process.stdout.write(String(calls));
