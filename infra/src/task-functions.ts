import { Duration, Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Bundles, FunctionPackage } from './bundles.js';
import type { Settings } from './context.js';
import { OrchestraFunction } from './orchestra-function.js';

/** The names by which definitions know the task functions; nothing else can ever be invoked. */
export type TaskName = 'A' | 'B1' | 'B2' | 'B3' | 'C';

/** The functions of the sample workflow. They hold no right but to write their log. */
export class TaskFunctions extends Construct {
  readonly byName: Readonly<Record<TaskName, OrchestraFunction>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly settings: Settings,
    bundles: Bundles,
  ) {
    super(scope, id);
    this.byName = {
      A: this.create('A', bundles.node('task-a')),
      B1: this.create('B1', bundles.node('task-b1')),
      B2: this.create('B2', bundles.python('task-b2')),
      B3: this.create('B3', b3Package(bundles, settings)),
      C: this.create('C', bundles.node('task-c')),
    };
    Validations.of(this.byName.B2).acknowledge({
      id: 'AwsSolutions-L1',
      reason: 'Its code asks for nothing newer; Python 3.13 has years of support ahead.',
    });
  }

  private create(name: TaskName, code: FunctionPackage): OrchestraFunction {
    return new OrchestraFunction(this, name, {
      package: code,
      timeout: Duration.seconds(60),
      memoryMiB: 256,
      logRetention: this.settings.logRetentionDays,
    });
  }
}

/** B3 shows a container task; where there is no Docker the same handler ships as a zip. */
function b3Package(bundles: Bundles, { containerTask }: Settings): FunctionPackage {
  return containerTask ? bundles.image('task-b3') : bundles.node('task-b3');
}
