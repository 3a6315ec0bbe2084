/** One execution provider tried in a process of its own: drivers may crash, hang or print what they like. */
import { fileURLToPath } from 'node:url';
import { offeredProviders, PROVIDERS } from '../runtime/providers.js';
import { type ChildEnd, type ChildOptions, runChild } from './child.js';
import { loaderWords } from './loader.js';

/** How one provider fared. */
export interface ProviderTrial {
  readonly name: string;
  /** Whether this build of onnxruntime-node knows it; others are not tried. */
  readonly offered: boolean;
  /** Whether a model of one node ran on it, and its process ended well. */
  readonly works: boolean;
  /** Why it does not work; '' where it does. */
  readonly why: string;
  /** From the start of a session to the end of its first run; null where it did not come so far. */
  readonly seconds: number | null;
  /** What its process printed on stderr: the drivers' own words, the last lines. */
  readonly stderr: string;
}

export interface TryOptions extends ChildOptions {
  /** For tests: another script in place of the one that tries a provider. */
  readonly script?: string | undefined;
}

const SCRIPT = fileURLToPath(new URL('./provider-child.js', import.meta.url));

/** ONNX Runtime colours its log wherever it writes it. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

/** Lines and characters of stderr that are kept. */
const [LINES, CHARACTERS] = [8, 1000];

const lastLines = (lines: readonly string[]): string =>
  lines.join('\n').trimEnd().split('\n').slice(-LINES).join('\n').slice(-CHARACTERS);

/** What a process printed on stderr: the loader's words in ONNX Runtime's log apart from the drivers' own. */
function heard(stderr: string): { readonly loader: readonly string[]; readonly lines: readonly string[] } {
  const lines = stderr.replace(COLOUR, '').split('\n');
  return {
    loader: [...new Set(lines.flatMap((line) => loaderWords(line) ?? []))],
    lines: lines.filter((line) => loaderWords(line) === undefined),
  };
}

interface Answer {
  readonly works: boolean;
  readonly why: string;
  readonly seconds: number;
}

/** What a line says, where it is the script's answer for this provider. */
function answerIn(line: string, name: string): Answer | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { provider, works, why, seconds }: Record<string, unknown> = JSON.parse(line);
    const whole = typeof works === 'boolean' && typeof why === 'string' && typeof seconds === 'number';
    return whole && provider === name ? { works, why, seconds } : undefined;
  } catch {
    // A driver's line that begins as JSON does.
    return undefined;
  }
}

/** How a process ended that should have answered. */
function endText({ code, signal, timedOut, failure }: ChildEnd, timeout: number): string {
  if (failure !== '') return `its process could not be started (${failure})`;
  if (timedOut) return `it did not answer within ${timeout} s and was stopped`;
  return signal === null ? `its process ended with code ${code}` : `its process crashed (${signal})`;
}

function verdictOf(end: ChildEnd, answer: Answer | undefined, timeout: number): string {
  const well = end.code === 0 && !end.timedOut;
  if (!answer) return well ? 'its process gave no answer that can be read' : endText(end, timeout);
  if (!answer.works) return answer.why;
  return well ? '' : `it ran a model, but then ${endText(end, timeout)}`;
}

/** Tries one provider. What goes wrong is the answer; throws CANCELLED only. */
export async function tryInChild(name: string, options: TryOptions): Promise<ProviderTrial> {
  if (!offeredProviders().includes(name)) {
    const why = PROVIDERS.has(name) ? 'this build of onnxruntime-node does not have it' : 'no such provider is known';
    return { name, offered: false, works: false, why, seconds: null, stderr: '' };
  }
  const end = await runChild(process.execPath, [options.script ?? SCRIPT, name], options);
  const answer = end.stdout
    .split('\n')
    .flatMap((line) => answerIn(line, name) ?? [])
    .at(-1);
  const { loader, lines } = heard(end.stderr);
  const verdict = verdictOf(end, answer, options.timeoutSeconds);
  const why = verdict === '' || loader.length === 0 ? verdict : `${verdict} (${loader.join('; ')})`;
  const seconds = answer?.works ? answer.seconds : null;
  return { name, offered: true, works: why === '', why, seconds, stderr: lastLines(lines) };
}
