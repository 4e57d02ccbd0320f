import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Assembly, ImageAsset } from './assembly.js';
import { readDockerfile, UnavailableCodeError } from './dockerfile.js';
import { layOutImageRoot } from './image-root.js';

/** Where a function's code lies and how it is entered. */
export interface FunctionCode {
  readonly runtime: string;
  readonly handler: string;
  readonly codeDirectory: string;
  /** Variables the image sets; the function's own go over them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly unavailable?: string;
}

export const codeSchema = z.object({
  S3Key: z.string().optional(),
  ImageUri: z.string().optional(),
  ZipFile: z.string().optional(),
});

export const imageConfigSchema = z.object({
  Command: z.array(z.string()).optional(),
  EntryPoint: z.array(z.string()).optional(),
  WorkingDirectory: z.string().optional(),
});

interface CodeSource {
  readonly code: z.infer<typeof codeSchema>;
  readonly imageConfig: z.infer<typeof imageConfigSchema>;
  readonly runtime?: string;
  readonly handler?: string;
}

/**
 * Finds the code of a function in the assembly; `folder` takes what has to be laid out first (images, inline code).
 * What cannot be found or followed is said in `unavailable`.
 */
export function readCode(source: CodeSource, assembly: Assembly, folder: string): FunctionCode {
  const { code, runtime = '', handler = '' } = source;
  const found = { runtime, handler, environment: {} };
  try {
    if (code.ImageUri !== undefined) return readImage(code.ImageUri, source, assembly, folder);
    if (code.ZipFile !== undefined) {
      return { ...found, codeDirectory: writeInline(code.ZipFile, runtime, folder) };
    }
    return { ...found, codeDirectory: zipDirectory(code.S3Key ?? '', assembly) };
  } catch (error) {
    if (!(error instanceof UnavailableCodeError)) throw error;
    return { ...found, codeDirectory: emptyDirectory(folder), unavailable: error.message };
  }
}

/** A place that exists, so that nothing else has to treat such a function apart until it is invoked. */
function emptyDirectory(folder: string): string {
  const directory = join(folder, 'unavailable');
  mkdirSync(directory, { recursive: true });
  return directory;
}

function zipDirectory(key: string, assembly: Assembly): string {
  const asset = assembly.files.get(key);
  if (asset === undefined) {
    throw new UnavailableCodeError(`its code (${key}) is not an asset of this assembly`);
  }
  if (asset.packaging !== 'zip') {
    throw new UnavailableCodeError('its code is an archive; this runtime runs folders');
  }
  return asset.path;
}

/** Lambda writes inline code to one file named after the language. */
function writeInline(text: string, runtime: string, folder: string): string {
  const file = runtime.startsWith('python') ? 'index.py' : 'index.js';
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32);
  const directory = join(folder, `${hash}-inline`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, file), text);
  return directory;
}

function readImage(
  uri: string,
  { imageConfig }: CodeSource,
  assembly: Assembly,
  folder: string,
): FunctionCode {
  const { EntryPoint, WorkingDirectory, Command } = imageConfig;
  if (EntryPoint !== undefined || WorkingDirectory !== undefined) {
    throw new UnavailableCodeError(
      'its image is started with an entry point or working directory of its own; that needs a container engine',
    );
  }
  const image = assembly.images.get(uri.slice(uri.lastIndexOf(':') + 1));
  const context = contextOf(image, uri);
  const plan = readDockerfile(context.dockerfile, context.image.buildArgs);
  const [handler] = Command ?? plan.command ?? [];
  if (handler === undefined) throw new UnavailableCodeError('its image names no handler (CMD)');
  return {
    runtime: plan.runtime,
    handler,
    environment: plan.environment,
    codeDirectory: layOutImageRoot(context.directory, plan.copies, context.image.tag, folder),
  };
}

function contextOf(image: ImageAsset | undefined, uri: string) {
  if (image?.directory === undefined) {
    throw new UnavailableCodeError(`its image ${uri} is not built from a folder of this assembly`);
  }
  if (image.buildTarget !== undefined) {
    throw new UnavailableCodeError(`its image is built to the stage ${image.buildTarget}`);
  }
  const path = join(image.directory, image.dockerFile);
  if (!existsSync(path)) throw new UnavailableCodeError(`its Dockerfile is missing: ${path}`);
  return { image, directory: image.directory, dockerfile: readFileSync(path, 'utf8') };
}
