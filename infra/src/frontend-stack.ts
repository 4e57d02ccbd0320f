import { CfnOutput, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import type { Bundles } from './bundles.js';
import type { Settings } from './context.js';

export interface FrontendStackProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly apiUrl: string;
}

/** The dashboard on S3 website hosting. It learns the API's address when it is deployed. */
export class FrontendStack extends Stack {
  constructor(scope: Construct, id: string, props: FrontendStackProps) {
    super(scope, id, { description: 'Orchestra: the dashboard' });
    const site = createSite(this);
    deploySite(this, site, props);
    new CfnOutput(this, 'DashboardUrl', { value: site.bucketWebsiteUrl });
  }
}

function createSite(scope: Construct): Bucket {
  const site = new Bucket(scope, 'Site', {
    websiteIndexDocument: 'index.html',
    // The router of the page answers every path, so an unknown one gets the page too.
    websiteErrorDocument: 'index.html',
    publicReadAccess: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ACLS_ONLY,
    encryption: BucketEncryption.S3_MANAGED,
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
  });
  site.addToResourcePolicy(refusePlainHttpButReads(site));
  acknowledgePublicSite(site);
  return site;
}

/** Website hosting speaks plain HTTP only, so reading must stay possible; all else needs TLS. */
function refusePlainHttpButReads(site: Bucket): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    notActions: ['s3:GetObject'],
    resources: [site.bucketArn, site.arnForObjects('*')],
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  });
}

function deploySite(
  scope: Construct,
  site: Bucket,
  { bundles, apiUrl, settings }: FrontendStackProps,
): void {
  const logGroup = new LogGroup(scope, 'DeploymentLog', {
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const deployment = new BucketDeployment(scope, 'Files', {
    destinationBucket: site,
    sources: [
      bundles.site('dashboard'),
      Source.data('config.js', `window.API_BASE = '${apiUrl}';\n`),
    ],
    // A browser asks each time, and most often hears "not modified": a deployment shows at once.
    cacheControl: [CacheControl.noCache()],
    memoryLimit: 256,
    logGroup,
  });
  acknowledgeDeployment(deployment, site);
}

function acknowledgePublicSite(site: Bucket): void {
  Validations.of(site).acknowledge(
    { id: 'AwsSolutions-S1', reason: 'The files are public and the same for everybody.' },
    { id: 'AwsSolutions-S2', reason: 'Website hosting serves public files only.' },
    { id: 'AwsSolutions-S5', reason: 'Website hosting without CloudFront has no origin identity.' },
    {
      id: 'AwsSolutions-S10',
      reason: 'Website endpoints speak HTTP only; all but reads need TLS.',
    },
  );
}

/** The function that copies the files is CDK's own; its findings are taken as they come. */
function acknowledgeDeployment(deployment: BucketDeployment, site: Bucket): void {
  const handler = deployment.handlerRole.node.scope;
  if (!handler) throw new Error('The role of the deployment stands alone.');
  const stack = Stack.of(site);
  const bucket = stack.getLogicalId(site.node.defaultChild as CfnBucket);
  const copies = 'It lists, reads and replaces whole sets of files, whose names differ each time.';
  const wide = [
    'Action::s3:GetBucket*',
    'Action::s3:GetObject*',
    'Action::s3:List*',
    'Action::s3:Abort*',
    'Action::s3:DeleteObject*',
    `Resource::<${bucket}.Arn>/*`,
    'Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*',
  ];
  Validations.of(handler).acknowledge(
    { id: 'AwsSolutions-L1', reason: 'CDK chooses the runtime of its own function.' },
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      reason: 'CDK chooses how its own function may log.',
    },
    ...wide.map((finding) => ({ id: `AwsSolutions-IAM5[${finding}]`, reason: copies })),
  );
}
