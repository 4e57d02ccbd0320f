import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { SiteModel } from '../model.js';
import { isText, mediaTypeOf } from './content-types.js';

/** A file of the site as a bucket would hold it after its deployment. */
export interface SiteFile {
  readonly body: Buffer;
  readonly contentType: string;
}

type Source = SiteModel['sources'][number];

/** Finds files in the sources of a site: the last source that has a file wins, as the last one copied would. */
export class SiteContent {
  constructor(private readonly site: SiteModel) {}

  /** @param key the path below the root without a slash in front, decoded */
  async file(key: string): Promise<SiteFile | undefined> {
    if (!isPlainKey(key)) return undefined;
    for (const source of this.site.sources.toReversed()) {
      const path = await pathIn(source, key);
      if (path === undefined) continue;
      const contentType = mediaTypeOf(key);
      const body = await readFile(path);
      return isText(contentType)
        ? { body: replaced(body, source.replace), contentType: `${contentType}; charset=utf-8` }
        : { body, contentType };
    }
    return undefined;
  }
}

/** A bucket's keys are names, not paths: nothing climbs out of the folders they stand for. */
function isPlainKey(key: string): boolean {
  return !key.includes('\0') && !key.includes('\\') && !key.split('/').some(isDots);
}

const isDots = (segment: string) => segment === '' || segment === '.' || segment === '..';

async function pathIn(source: Source, key: string): Promise<string | undefined> {
  const prefix = source.prefix === undefined ? '' : `${source.prefix.replace(/^\/|\/$/g, '')}/`;
  if (!key.startsWith(prefix)) return undefined;
  const name = key.slice(prefix.length);
  if (name === '' || source.exclude.some((glob) => globPattern(glob).test(name))) return undefined;
  const path = join(source.directory, name);
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && (await isInside(source.directory, path)) ? path : undefined;
}

/** A link may point anywhere; only what lies in the folder is served. */
async function isInside(directory: string, path: string): Promise<boolean> {
  const [folder, file] = await Promise.all([realpath(directory), realpath(path)]);
  return file.startsWith(folder + sep);
}

/** As `aws s3 sync` reads them: a star also matches slashes. */
function globPattern(glob: string): RegExp {
  const pattern = glob.replace(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('[!', '[^')}$`, 's');
}

/** A file that holds none of the texts is given back byte for byte, whatever its encoding. */
function replaced(body: Buffer, replacements: Source['replace']): Buffer {
  const before = body.toString('utf8');
  const after = Object.entries(replacements).reduce(
    (text, [marker, value]) => text.replaceAll(marker, () => value),
    before,
  );
  return after === before ? body : Buffer.from(after);
}
