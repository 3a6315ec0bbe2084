/** A process that writes a model and kills itself at one of the system's calls: `node killed-writer.js FROM TO external CALL`. */
import { type OutputFiles, systemFiles } from '../../lib/onnx/output-files.js';
import { readModel } from '../../lib/onnx/read.js';
import { writeModel } from '../../lib/onnx/write.js';

const [from = '', to = '', externalData, call] = process.argv.slice(2);
let calls = 0;

/** Dies just before the call that was chosen. */
const files: OutputFiles = new Proxy(systemFiles, {
  get(target, name: keyof OutputFiles) {
    return (...args: unknown[]) => {
      if (++calls === Number(call)) process.kill(process.pid, 'SIGKILL');
      return Reflect.apply(target[name], target, args);
    };
  },
});

await writeModel(readModel(from), to, { externalData: externalData === 'true', files });
