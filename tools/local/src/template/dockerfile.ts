import { posix } from 'node:path';

/**
 * Follows a Dockerfile that lays files over one of AWS's public Lambda base images, which is all that a function
 * written for such an image needs. It never guesses: what it cannot follow is refused with its line and reason.
 */
export interface ImagePlan {
  /** The runtime the base image brings, as Lambda names it: `nodejs24.x`, `python3.13`. */
  readonly runtime: string;
  /** The handler, when the image names one. */
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly copies: readonly CopyStep[];
}

export interface CopyStep {
  /** Paths in the build context; may hold `*` and `?`. */
  readonly sources: readonly string[];
  /** Below the task root, without a slash in front; empty for the root itself. */
  readonly destination: string;
  /** The destination is written as a folder: with a slash at its end. */
  readonly intoFolder: boolean;
}

/** Why a function's code cannot be run on this machine; the message is shown when the function is invoked. */
export class UnavailableCodeError extends Error {
  override readonly name = 'UnavailableCodeError';
}

/** Where Lambda's images keep a function's code. */
const TASK_ROOT = '/var/task';

const WITHOUT_EFFECT = new Set([
  'LABEL',
  'EXPOSE',
  'MAINTAINER',
  'STOPSIGNAL',
  'HEALTHCHECK',
  'USER',
]);

interface Instruction {
  readonly name: string;
  readonly rest: string;
  readonly line: number;
}

/** @throws UnavailableCodeError */
export function readDockerfile(
  source: string,
  buildArgs: Readonly<Record<string, string>> = {},
): ImagePlan {
  const base: Record<string, string> = {
    LAMBDA_TASK_ROOT: TASK_ROOT,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
  };
  const globalArgs: Record<string, string> = {};
  const environment: Record<string, string> = {};
  const scope: Record<string, string> = { ...base };
  const copies: CopyStep[] = [];
  let runtime: string | undefined;
  let command: readonly string[] | undefined;
  let workdir = TASK_ROOT;

  const steps: Readonly<Record<string, (instruction: Instruction) => void>> = {
    ARG({ rest }) {
      for (const [name, fallback] of assignments(rest, scope, true)) {
        const value = buildArgs[name] ?? fallback ?? globalArgs[name];
        if (value === undefined) continue;
        (runtime === undefined ? globalArgs : scope)[name] = value;
      }
    },
    FROM(instruction) {
      if (runtime !== undefined) refuse(instruction, 'it builds in several stages');
      runtime = baseRuntime(substitute(instruction.rest, globalArgs), instruction);
    },
    ENV({ rest }) {
      for (const [name, value = ''] of assignments(rest, scope, false)) {
        environment[name] = value;
        scope[name] = value;
      }
    },
    WORKDIR({ rest }) {
      workdir = posix.resolve(workdir, unquote(substitute(rest.trim(), scope)));
    },
    COPY(instruction) {
      copies.push(copyStep(instruction, workdir, scope));
    },
    CMD(instruction) {
      command = execForm(instruction);
    },
  };

  for (const instruction of instructions(source)) {
    if (WITHOUT_EFFECT.has(instruction.name)) continue;
    const step = steps[instruction.name];
    if (step === undefined) {
      refuse(instruction, `${instruction.name} needs a container engine`);
    } else {
      if (runtime === undefined && !['ARG', 'FROM'].includes(instruction.name)) {
        refuse(instruction, 'it does not begin with FROM');
      }
      step(instruction);
    }
  }
  if (runtime === undefined) throw new UnavailableCodeError('the Dockerfile has no FROM');
  return { runtime, environment, copies, ...(command && { command }) };
}

function refuse({ name, line }: Instruction, reason: string): never {
  throw new UnavailableCodeError(
    `the Dockerfile cannot be followed at line ${line} (${name}): ${reason}`,
  );
}

/** Joins continued lines and drops comments. */
function instructions(source: string): readonly Instruction[] {
  const found: Instruction[] = [];
  let open: { line: number; text: string } | undefined;
  for (const [index, raw] of source.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(raw)) continue;
    const continues = /\\\s*$/.test(raw);
    const text = `${open?.text ?? ''}${raw.replace(/\\\s*$/, ' ')}`;
    open = { line: open?.line ?? index + 1, text };
    if (continues) continue;
    found.push(instruction(open));
    open = undefined;
  }
  return open === undefined ? found : [...found, instruction(open)];
}

function instruction({ line, text }: { line: number; text: string }): Instruction {
  const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*)$/s.exec(text) ?? [];
  const read = { name: name.toUpperCase(), rest: rest.trim(), line };
  if (/<<-?["']?\w/.test(read.rest)) refuse(read, 'it holds a here-document');
  return read;
}

/** `public.ecr.aws/lambda/nodejs:24` and its like, with their architecture and date suffixes. */
function baseRuntime(rest: string, from: Instruction): string {
  const image = rest.split(/\s+/).find((word) => !word.startsWith('--')) ?? '';
  const pattern =
    /^(?:public\.ecr\.aws\/lambda\/|amazon\/aws-lambda-)(nodejs|python):(\d+(?:\.\d+)?)(?:[.-][\w.-]*)?(?:@sha256:\w+)?$/;
  const [, language, version = ''] = pattern.exec(image) ?? [];
  if (language === 'nodejs') return `nodejs${version.split('.')[0]}.x`;
  if (language === 'python' && version.includes('.')) return `python${version}`;
  return refuse(from, `${image} is not a versioned Lambda base image for Node.js or Python`);
}

function copyStep(
  copy: Instruction,
  workdir: string,
  scope: Readonly<Record<string, string>>,
): CopyStep {
  const [flags, rest] = leadingFlags(copy.rest);
  const from = flags.find((flag) => !/^--(chown|chmod|link)\b/.test(flag));
  if (from !== undefined) refuse(copy, `${from} needs a container engine`);
  const paths = pathList(rest).map((path) => substitute(path, scope));
  const target = paths.at(-1);
  const sources = paths.slice(0, -1);
  if (target === undefined || sources.length === 0) return refuse(copy, 'it names no destination');
  const destination = posix.relative(TASK_ROOT, posix.resolve(workdir, target));
  if (destination.startsWith('..')) {
    refuse(copy, `${target} lies outside of ${TASK_ROOT}, where the function's code is kept`);
  }
  return { sources, destination, intoFolder: /(^\.|\/\.?)$/.test(target) };
}

function leadingFlags(text: string): [readonly string[], string] {
  const flags: string[] = [];
  let rest = text;
  for (let found = /^(--\S+)\s+/.exec(rest); found !== null; found = /^(--\S+)\s+/.exec(rest)) {
    flags.push(found[1] ?? '');
    rest = rest.slice(found[0].length);
  }
  return [flags, rest];
}

function pathList(text: string): readonly string[] {
  return jsonList(text) ?? text.split(/\s+/).filter((word) => word !== '');
}

function execForm(cmd: Instruction): readonly string[] {
  return jsonList(cmd.rest) ?? refuse(cmd, 'it is not a JSON list, so a shell would run it');
}

function jsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string')
      ? parsed
      : undefined;
  } catch {
    return undefined;
  }
}

/** `A=1 B="two words"`, `A` alone, or ENV's older form `A the rest of the line`. */
function assignments(
  text: string,
  scope: Readonly<Record<string, string>>,
  nameAlone: boolean,
): readonly (readonly [string, string | undefined])[] {
  const older = /^([^\s=]+)\s+(.+)$/s.exec(text);
  if (older !== null && !nameAlone) {
    return [[older[1] ?? '', substitute(older[2] ?? '', scope)]];
  }
  const words = text.match(/(?:"(?:\\.|[^"])*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? [];
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals === -1) return [word, undefined] as const;
    const value = word.slice(equals + 1);
    return [
      word.slice(0, equals),
      value.startsWith("'") ? unquote(value) : unquote(substitute(value, scope)),
    ] as const;
  });
}

function unquote(text: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/s.exec(text) ?? [];
  if (inner === undefined) return text.replace(/\\(.)/g, '$1');
  return quote === '"' ? inner.replace(/\\(["\\$])/g, '$1') : inner;
}

/** `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}`; `\$` stays as it is. */
function substitute(text: string, scope: Readonly<Record<string, string>>): string {
  return text.replace(
    /(\\\$)|\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g,
    (whole, escaped, bare, braced, operator, word) => {
      if (escaped !== undefined) return whole;
      const value = scope[bare ?? braced] ?? '';
      if (operator === '-') return value === '' ? word : value;
      if (operator === '+') return value === '' ? '' : word;
      return value;
    },
  );
}
