import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * The browser to test with: `CHROMIUM_PATH`, or the first one of the system. Never throws: Nx reads the
 * configuration on machines that have no browser too.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string | undefined} absolute path of an executable
 */
export function findChromium(environment = process.env) {
  const chosen = environment['CHROMIUM_PATH'];
  if (chosen) return isExecutable(chosen) ? chosen : undefined;
  const folders = [...(environment['PATH'] ?? '').split(delimiter), '/usr/bin'].filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** @throws {Error} naming the ways to get a browser */
export function requireChromium(environment = process.env) {
  if (findChromium(environment)) return;
  const chosen = environment['CHROMIUM_PATH'];
  throw new Error(
    chosen
      ? `CHROMIUM_PATH is ${chosen}, which cannot be executed`
      : `No browser: none of ${NAMES.join(', ')} is on the PATH. ` +
          'Install one (Debian: apt-get install chromium) or set CHROMIUM_PATH.',
  );
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
