import { App } from 'aws-cdk-lib';
import { addStacks } from './app.js';
import { Bundles, MissingBundleError } from './bundles.js';
import { ContextError, readSettings } from './context.js';

const app = new App({ analyticsReporting: false });
try {
  addStacks(app, readSettings(app.node), Bundles.ofWorkspace());
} catch (error) {
  if (!(error instanceof ContextError || error instanceof MissingBundleError)) throw error;
  console.error(error.message);
  process.exit(1);
}
