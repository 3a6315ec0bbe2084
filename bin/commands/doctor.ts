/** `onnx-transplant doctor`. */
import { doctor } from '../../lib/commands/doctor.js';
import { command } from '../command.js';
import { doctorText } from '../text/doctor.js';

export const doctorCommand = command({
  name: 'doctor',
  takes: '',
  summary: 'Try what works on this machine: execution providers, memory, folders',
  examples: [
    ['Everything, with what to do about what does not work', ''],
    ['Does CUDA work here? The exit code tells: 0 yes, 1 no', '--ep cuda'],
    ['For programs', '--json'],
  ],
  options: {
    ep: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Execution providers that have to work. Default: all are tried, cpu has to',
    },
    timeout: { type: 'number', requiresArg: true, describe: 'Seconds that each may take. Default: 60' },
  },
  run: async (_, { ep, timeout }, context) => {
    const report = await doctor({ ep, timeout, ...context });
    return { report, text: (page) => doctorText(report, page), code: report.ok ? 0 : 1 };
  },
});
