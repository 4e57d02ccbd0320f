import { gzipSync } from 'node:zlib';

/**
 * Prints what a first visit downloads, the entry chunk and everything it imports statically, and fails the
 * build above the budget.
 *
 * @param {number} budgetKb kilobytes (1000 bytes) after gzip
 * @returns {import('vite').Plugin}
 */
export function initialJsBudget(budgetKb) {
  return {
    name: 'initial-js-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const bytes = [...initialChunks(bundle)].reduce(
        (sum, file) => sum + gzipSync(bundle[file].code).byteLength,
        0,
      );
      const kb = (bytes / 1000).toFixed(1);
      if (bytes > budgetKb * 1000)
        this.error(`initial JS is ${kb} kB gzip, above the budget of ${budgetKb} kB`);
      this.info(`initial JS: ${kb} kB gzip of a budget of ${budgetKb} kB`);
    },
  };
}

function initialChunks(bundle) {
  const seen = new Set();
  const visit = (file) => {
    const chunk = bundle[file];
    if (seen.has(file) || chunk?.type !== 'chunk') return;
    seen.add(file);
    chunk.imports.forEach(visit);
  };
  for (const [file, chunk] of Object.entries(bundle)) {
    if (chunk.type === 'chunk' && chunk.isEntry) visit(file);
  }
  return seen;
}
