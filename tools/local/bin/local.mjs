#!/usr/bin/env node
/**
 * Runs the tool from its sources, in this very process: a signal comes once and nobody has to pass it on.
 */
import { register } from 'node:module';
import { register as registerTypeScript } from 'tsx/esm/api';

/** As `node --conditions=@orchestra/source`: the workspace's packages are their sources. */
const sources = `
export function resolve(specifier, context, next) {
  return next(specifier, { ...context, conditions: [...context.conditions, '@orchestra/source'] });
}`;

// Of no use to whoever runs a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
registerTypeScript();
register(`data:text/javascript,${encodeURIComponent(sources)}`);
await import(new URL('../src/main.ts', import.meta.url).href);
