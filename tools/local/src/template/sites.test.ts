import { join } from 'node:path';
import { AssemblyFixture } from './assembly-fixture.js';

describe('reading a website', () => {
  let fixture: AssemblyFixture;
  beforeEach(() => (fixture = new AssemblyFixture()));
  afterEach(() => fixture.remove());

  const bucket = (properties = {}) => ({ Type: 'AWS::S3::Bucket', Properties: properties });
  const WEBSITE = { IndexDocument: 'index.html', ErrorDocument: 'index.html' };
  const deployment = (properties: Record<string, unknown>) => ({
    Type: 'Custom::CDKBucketDeployment',
    Properties: {
      ServiceToken: 'arn:aws:lambda:eu-north-1:000000000000:function:provider',
      DestinationBucketName: { Ref: 'Site' },
      Prune: true,
      SystemMetadata: { 'cache-control': 'no-cache' },
      ...properties,
    },
  });
  const api = {
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'Api' } },
    Stage: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: { RestApiId: { Ref: 'Api' }, StageName: 'prod' },
    },
  };

  it('lays the sources over each other, each with its markers and then the local addresses', () => {
    fixture.folder('a893', { 'index.html': '' }).folder('bf6d', { 'config.js': '' });
    fixture.stack('FrontendStack', {
      Resources: {
        ...api,
        Site: bucket({ WebsiteConfiguration: WEBSITE }),
        Deployment: deployment({
          SourceBucketNames: ['assets', 'assets'],
          SourceObjectKeys: ['a893.zip', 'bf6d.zip'],
          SourceMarkers: [
            {},
            {
              '<<marker:0xbaba:0>>': { Ref: 'Api' },
              '<<marker:0xbaba:1>>': { Ref: 'AWS::Region' },
              '<<marker:0xbaba:2>>': 'say "hi"',
            },
          ],
          SourceMarkersConfig: [{}, { jsonEscape: true }],
          Exclude: ['*.map'],
        }),
      },
    });
    const { sites, apis, skipped } = fixture.read();
    const id = apis[0]?.id;
    const address = `https://${id}.execute-api.eu-north-1.amazonaws.com/prod`;
    expect(sites).toEqual([
      {
        bucketName: 'frontendstack-site',
        indexDocument: 'index.html',
        errorDocument: 'index.html',
        sources: [
          {
            directory: join(fixture.directory, 'asset.a893'),
            exclude: ['*.map'],
            replace: { [address]: 'http://localhost:3000/prod' },
          },
          {
            directory: join(fixture.directory, 'asset.bf6d'),
            exclude: ['*.map'],
            replace: {
              '<<marker:0xbaba:0>>': id,
              '<<marker:0xbaba:1>>': 'eu-north-1',
              '<<marker:0xbaba:2>>': 'say \\"hi\\"',
              [address]: 'http://localhost:3000/prod',
            },
          },
        ],
      },
    ]);
    expect(Object.keys(sites[0]?.sources[1]?.replace ?? {}).at(-1)).toBe(address);
    expect(skipped).toEqual([]);
  });

  it('gives the address this machine serves, where it is asked for', () => {
    fixture.stack('FrontendStack', {
      Resources: { Site: bucket({ WebsiteConfiguration: WEBSITE }) },
      Outputs: {
        Url: { Value: { 'Fn::GetAtt': ['Site', 'WebsiteURL'] } },
        Domain: {
          Value: {
            'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Site', 'WebsiteURL'] }] }],
          },
        },
      },
    });
    const localSiteUrl = () => 'http://localhost:4200/';
    expect(fixture.read({ localSiteUrl }).outputs).toEqual({
      'FrontendStack.Url': 'http://localhost:4200',
      'FrontendStack.Domain': 'localhost:4200',
    });
    expect(fixture.read().outputs['FrontendStack.Url']).toBe(
      'http://frontendstack-site.s3-website-eu-north-1.amazonaws.com',
    );
  });

  it('names a bucket that nothing here stands for, but not one for access logs', () => {
    fixture.stack('Stack', {
      Resources: {
        Site: bucket({
          WebsiteConfiguration: WEBSITE,
          LoggingConfiguration: { DestinationBucketName: { Ref: 'Logs' } },
        }),
        Logs: bucket(),
        Data: bucket(),
      },
    });
    expect(fixture.read().skipped).toEqual(['AWS::S3::Bucket (Stack/Data)']);
  });

  it('refuses a source that is not a folder', () => {
    fixture.folder('a893', {}, 'file');
    fixture.stack('Stack', {
      Resources: {
        Site: bucket({ WebsiteConfiguration: WEBSITE }),
        Deployment: deployment({ SourceObjectKeys: ['a893.zip'] }),
      },
    });
    expect(() => fixture.read()).toThrow(
      'Stack/Deployment: the source a893.zip is an archive, not a folder',
    );
  });
});
