import { Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.js';
import type { Settings } from './context.js';
import type { Monitored } from './metrics.js';
import { OperationsDashboard } from './operations-dashboard.js';

export interface MonitoringStackProps extends Monitored {
  readonly settings: Settings;
}

/** Alarms and the operations dashboard. Nothing depends on it: it may be left out. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    super(scope, id, { description: 'Orchestra: alarms and the operations dashboard' });
    const alarms = new Alarms(this, 'Alarm', props);
    new OperationsDashboard(this, 'Operations', props, alarms);
    const { alarmEmail } = props.settings;
    if (alarmEmail !== undefined) alarms.notify(new SnsAction(createTopic(this, alarmEmail)));
  }
}

/** Not encrypted by a key of AWS: with that one CloudWatch could not publish its alarms. */
function createTopic(scope: Construct, email: string): Topic {
  const topic = new Topic(scope, 'AlarmMail', { enforceSSL: true });
  topic.addSubscription(new EmailSubscription(email));
  return topic;
}
