import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Architecture, Code, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Source, type ISource } from 'aws-cdk-lib/aws-s3-deployment';

/** A function's code and what it takes to run it. */
export interface FunctionPackage {
  readonly code: Code;
  readonly handler: string;
  readonly runtime: Runtime;
  readonly architecture: Architecture;
}

/** An app that was not built before the stacks were synthesised. */
export class MissingBundleError extends Error {
  override readonly name = 'MissingBundleError';

  constructor(
    readonly app: string,
    readonly file: string,
  ) {
    super(`App "${app}" is not built (no ${file}): run "npx nx run ${app}:build" first.`);
  }
}

/**
 * The built apps, one folder each. Infrastructure knows of an app its folder name and what lies in
 * its `dist`, and imports nothing from it.
 */
export class Bundles {
  constructor(private readonly appsDirectory: string) {}

  static ofWorkspace(): Bundles {
    return new Bundles(fileURLToPath(new URL('../../apps', import.meta.url)));
  }

  /** One minified module; source maps stay behind, they are five times its size. */
  node(app: string): FunctionPackage {
    return {
      code: Code.fromAsset(this.dist(app, 'index.mjs'), { exclude: ['*.map'] }),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
    };
  }

  python(app: string): FunctionPackage {
    return {
      code: Code.fromAsset(this.dist(app, 'handler.py')),
      handler: 'handler.handler',
      runtime: Runtime.PYTHON_3_13,
      architecture: Architecture.ARM_64,
    };
  }

  /**
   * A container image, built from the app's Dockerfile when it is deployed, never at synth. Its
   * architecture is the one that build machines have most: another would need emulation there.
   */
  image(app: string): FunctionPackage {
    this.dist(app, 'index.mjs');
    return {
      code: Code.fromAssetImage(this.file(app, ''), {
        exclude: ['*', '!Dockerfile', '!dist', 'dist/*', '!dist/index.mjs'],
        platform: Platform.LINUX_AMD64,
      }),
      handler: Handler.FROM_IMAGE,
      runtime: Runtime.FROM_IMAGE,
      architecture: Architecture.X86_64,
    };
  }

  /** Static files for a web site, without the `config.js` that each deployment writes itself. */
  site(app: string): ISource {
    return Source.asset(this.dist(app, 'index.html'), { exclude: ['config.js'] });
  }

  private dist(app: string, mainFile: string): string {
    const main = this.file(app, 'dist', mainFile);
    if (!existsSync(main)) throw new MissingBundleError(app, path.join('dist', mainFile));
    return path.dirname(main);
  }

  private file(app: string, ...segments: string[]): string {
    return path.join(this.appsDirectory, app, ...segments);
  }
}
