#include "stack/sam_policies.h"

#include <algorithm>
#include <vector>

namespace surgetank::stack {
namespace {

#define S(name, ...) constexpr PolicyStatement name[] = {__VA_ARGS__}
constexpr std::string_view table = "@dynamodb:table/${TableName} @dynamodb:table/${TableName}/index/*";
constexpr std::string_view bucket = "arn:${AWS::Partition}:s3:::${BucketName} arn:${AWS::Partition}:s3:::${BucketName}/*";

S(acm_get, {"acm:GetCertificate", "${CertificateArn}"});
S(ami_describe, {"ec2:DescribeImages", "@ec2:image/*"});
S(athena,
  {"athena:ListWorkGroups athena:GetExecutionEngine athena:GetExecutionEngines athena:GetNamespace athena:GetCatalogs "
   "athena:GetNamespaces athena:GetTables athena:GetTable",
   "*"},
  {"athena:StartQueryExecution athena:GetQueryResults athena:DeleteNamedQuery athena:GetNamedQuery athena:ListQueryExecutions "
   "athena:StopQueryExecution athena:GetQueryResultsStream athena:ListNamedQueries athena:CreateNamedQuery athena:GetQueryExecution "
   "athena:BatchGetNamedQuery athena:BatchGetQueryExecution athena:GetWorkGroup",
   "@athena:workgroup/${WorkGroupName}"});
S(secret_get, {"secretsmanager:GetSecretValue", "${SecretArn}"});
S(cloudformation_describe, {"cloudformation:DescribeStacks", "@cloudformation:stack/*"});
S(dashboard, {"cloudwatch:GetDashboard cloudwatch:ListDashboards cloudwatch:PutDashboard cloudwatch:ListMetrics", "*"});
S(alarm_history, {"cloudwatch:DescribeAlarmHistory", "*"});
S(put_metric, {"cloudwatch:PutMetricData", "*"});
S(pipeline_job, {"codepipeline:PutJobSuccessResult codepipeline:PutJobFailureResult", "*"});
S(pipeline_read, {"codepipeline:ListPipelineExecutions", "@codepipeline:${PipelineName}"});
S(comprehend,
  {"comprehend:BatchDetectKeyPhrases comprehend:DetectDominantLanguage comprehend:DetectEntities comprehend:BatchDetectEntities "
   "comprehend:DetectKeyPhrases comprehend:DetectSentiment comprehend:BatchDetectDominantLanguage comprehend:BatchDetectSentiment",
   "*"});
S(cost, {"ce:GetCostAndUsage ce:GetDimensionValues ce:GetReservationCoverage ce:GetReservationPurchaseRecommendation "
         "ce:GetReservationUtilization ce:GetTags",
         "*"});
S(dynamodb_backup, {"dynamodb:CreateBackup dynamodb:DescribeContinuousBackups", "@dynamodb:table/${TableName}"},
  {"dynamodb:DeleteBackup dynamodb:DescribeBackup dynamodb:ListBackups", "@dynamodb:table/${TableName}/backup/*"});
S(dynamodb_crud, {"dynamodb:GetItem dynamodb:DeleteItem dynamodb:PutItem dynamodb:Scan dynamodb:Query dynamodb:UpdateItem "
                  "dynamodb:BatchWriteItem dynamodb:BatchGetItem dynamodb:DescribeTable dynamodb:ConditionCheckItem",
                  table});
S(dynamodb_read, {"dynamodb:GetItem dynamodb:Scan dynamodb:Query dynamodb:BatchGetItem dynamodb:DescribeTable", table});
S(dynamodb_reconfigure, {"dynamodb:UpdateTable", "@dynamodb:table/${TableName}"});
S(dynamodb_restore, {"dynamodb:RestoreTableFromBackup", "@dynamodb:table/${TableName}/backup/*"},
  {"dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:BatchWriteItem",
   "@dynamodb:table/${TableName}"});
S(dynamodb_stream,
  {"dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator", "@dynamodb:table/${TableName}/stream/${StreamName}"},
  {"dynamodb:ListStreams", "@dynamodb:table/${TableName}/stream/*"});
S(dynamodb_write, {"dynamodb:PutItem dynamodb:UpdateItem dynamodb:BatchWriteItem", table});
S(copy_image, {"ec2:CopyImage", "@ec2:image/${ImageId}"});
S(ec2_describe, {"ec2:DescribeRegions ec2:DescribeInstances", "*"});
S(eks, {"eks:DescribeCluster eks:ListClusters", "*"});
S(elasticsearch, {"es:ESHttpPost es:ESHttpPut", "@es:domain/${DomainName}/*"});
S(put_events, {"events:PutEvents", "@events:event-bus/${EventBusName}"});
S(filter_logs, {"logs:FilterLogEvents", "@logs:log-group:${LogGroupName}:log-stream:*"});
S(firehose_crud, {"firehose:CreateDeliveryStream firehose:DeleteDeliveryStream firehose:DescribeDeliveryStream firehose:PutRecord "
                  "firehose:PutRecordBatch firehose:UpdateDestination",
                  "@firehose:deliverystream/${DeliveryStreamName}"});
S(firehose_write, {"firehose:PutRecord firehose:PutRecordBatch", "@firehose:deliverystream/${DeliveryStreamName}"});
S(kinesis_crud,
  {"kinesis:AddTagsToStream kinesis:CreateStream kinesis:DecreaseStreamRetentionPeriod kinesis:DeleteStream kinesis:DescribeStream "
   "kinesis:DescribeStreamSummary kinesis:GetShardIterator kinesis:IncreaseStreamRetentionPeriod kinesis:ListTagsForStream "
   "kinesis:MergeShards kinesis:PutRecord kinesis:PutRecords kinesis:SplitShard kinesis:RemoveTagsFromStream",
   "@kinesis:stream/${StreamName}"});
S(kinesis_read, {"kinesis:ListStreams kinesis:DescribeLimits", "@kinesis:stream/*"},
  {"kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator", "@kinesis:stream/${StreamName}"});
S(kms_decrypt, {"kms:Decrypt", "@kms:key/${KeyId}"});
S(kms_encrypt, {"kms:Encrypt", "@kms:key/${KeyId}"});
S(lambda_invoke, {"lambda:InvokeFunction", "@lambda:function:${FunctionName}*"});
S(mobile, {"mobileanalytics:PutEvents", "*"});
S(organizations, {"organizations:ListAccounts", "*"});
S(pinpoint, {"mobiletargeting:GetEndpoint mobiletargeting:UpdateEndpoint mobiletargeting:UpdateEndpointsBatch",
             "@mobiletargeting:apps/${PinpointApplicationId}/endpoints/*"});
S(polly, {"polly:GetLexicon polly:DeleteLexicon", "@polly:lexicon/${LexiconName}"},
  {"polly:DescribeVoices polly:ListLexicons polly:PutLexicon polly:SynthesizeSpeech", "@polly:lexicon/*"});
S(rekognition_detect, {"rekognition:DetectFaces rekognition:DetectLabels rekognition:DetectModerationLabels rekognition:DetectText", "*"});
S(rekognition_management,
  {"rekognition:IndexFaces rekognition:DeleteFaces rekognition:SearchFaces rekognition:SearchFacesByImage rekognition:ListFaces",
   "@rekognition:collection/${CollectionId}"});
S(rekognition_faces, {"rekognition:CompareFaces rekognition:DetectFaces", "*"});
S(rekognition_labels, {"rekognition:DetectLabels rekognition:DetectModerationLabels", "*"});
S(rekognition_no_data, {"rekognition:CompareFaces rekognition:DetectFaces rekognition:DetectLabels rekognition:DetectModerationLabels",
                        "@rekognition:collection/${CollectionId}"});
S(rekognition_read, {"rekognition:ListCollections rekognition:ListFaces rekognition:SearchFaces rekognition:SearchFacesByImage",
                     "@rekognition:collection/${CollectionId}"});
S(rekognition_write, {"rekognition:CreateCollection rekognition:IndexFaces", "@rekognition:collection/${CollectionId}"});
S(route53, {"route53:ChangeResourceRecordSets", "arn:${AWS::Partition}:route53:::hostedzone/${HostedZoneId}"});
S(s3_crud, {"s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion s3:PutObject s3:PutObjectAcl s3:GetLifecycleConfiguration "
            "s3:PutLifecycleConfiguration s3:DeleteObject",
            bucket});
S(s3_full,
  {"s3:GetObject s3:GetObjectAcl s3:GetObjectVersion s3:PutObject s3:PutObjectAcl s3:DeleteObject s3:DeleteObjectTagging "
   "s3:DeleteObjectVersionTagging s3:GetObjectTagging s3:GetObjectVersionTagging s3:PutObjectTagging s3:PutObjectVersionTagging",
   "arn:${AWS::Partition}:s3:::${BucketName}/*"},
  {"s3:ListBucket s3:GetBucketLocation s3:GetLifecycleConfiguration s3:PutLifecycleConfiguration",
   "arn:${AWS::Partition}:s3:::${BucketName}"});
S(s3_read, {"s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion s3:GetLifecycleConfiguration", bucket});
S(s3_write, {"s3:PutObject s3:PutObjectAcl s3:PutLifecycleConfiguration", bucket});
S(repository, {"serverlessrepo:CreateApplication serverlessrepo:CreateApplicationVersion serverlessrepo:UpdateApplication "
               "serverlessrepo:GetApplication "
               "serverlessrepo:ListApplications serverlessrepo:ListApplicationVersions serverlessrepo:ListApplicationDependencies",
               "@serverlessrepo:applications/*"});
S(ses_bulk, {"ses:GetIdentityVerificationAttributes ses:SendEmail ses:SendRawEmail ses:SendTemplatedEmail ses:SendBulkTemplatedEmail "
             "ses:VerifyEmailIdentity",
             "@ses:identity/${IdentityName}"});
S(ses_bulk_2,
  {"ses:SendEmail ses:SendRawEmail ses:SendTemplatedEmail ses:SendBulkTemplatedEmail",
   "@ses:identity/${IdentityName} @ses:template/${TemplateName}"},
  {"ses:GetIdentityVerificationAttributes ses:VerifyEmailIdentity", "*"});
S(ses_crud,
  {"ses:GetIdentityVerificationAttributes ses:SendEmail ses:SendRawEmail ses:VerifyEmailIdentity", "@ses:identity/${IdentityName}"});
S(ses_template, {"ses:CreateTemplate ses:GetTemplate ses:ListTemplates ses:UpdateTemplate ses:DeleteTemplate ses:TestRenderTemplate", "*"});
S(ses_bounce, {"ses:SendBounce", "@ses:identity/${IdentityName}"});
S(sns_crud, {"sns:ListSubscriptionsByTopic sns:CreateTopic sns:SetTopicAttributes sns:Subscribe sns:Publish", "@sns:${TopicName}*"});
S(sns_publish, {"sns:Publish", "@sns:${TopicName}"});
S(sqs_poll, {"sqs:ChangeMessageVisibility sqs:ChangeMessageVisibilityBatch sqs:DeleteMessage sqs:DeleteMessageBatch sqs:GetQueueAttributes "
             "sqs:ReceiveMessage",
             "@sqs:${QueueName}"});
S(sqs_send, {"sqs:SendMessage*", "@sqs:${QueueName}"});
S(ssm_read, {"ssm:DescribeParameters", "*"},
  {"ssm:GetParameters ssm:GetParameter ssm:GetParametersByPath", "@ssm:parameter/${ParameterName}"});
S(ssm_slash_read, {"ssm:DescribeParameters", "*"},
  {"ssm:GetParameters ssm:GetParameter ssm:GetParametersByPath", "@ssm:parameter${ParameterName}"});
S(states, {"states:StartExecution", "@states:stateMachine:${StateMachineName}"});
S(textract_analyze,
  {"textract:DetectDocumentText textract:StartDocumentTextDetection textract:StartDocumentAnalysis textract:AnalyzeDocument", "*"});
S(textract_result, {"textract:GetDocumentTextDetection textract:GetDocumentAnalysis", "*"});
S(textract, {"textract:*", "*"});
S(vpc, {"ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces ec2:DetachNetworkInterface", "*"});
#undef S

constexpr PolicyTemplate templates[] = {
    {"AMIDescribePolicy", "", ami_describe},
    {"AWSSecretsManagerGetSecretValuePolicy", "SecretArn", secret_get},
    {"AcmGetCertificatePolicy", "CertificateArn", acm_get},
    {"AthenaQueryPolicy", "WorkGroupName", athena},
    {"CloudFormationDescribeStacksPolicy", "", cloudformation_describe},
    {"CloudWatchDashboardPolicy", "", dashboard},
    {"CloudWatchDescribeAlarmHistoryPolicy", "", alarm_history},
    {"CloudWatchPutMetricPolicy", "", put_metric},
    {"CodePipelineLambdaExecutionPolicy", "", pipeline_job},
    {"CodePipelineReadOnlyPolicy", "PipelineName", pipeline_read},
    {"ComprehendBasicAccessPolicy", "", comprehend},
    {"CostExplorerReadOnlyPolicy", "", cost},
    {"DynamoDBBackupFullAccessPolicy", "TableName", dynamodb_backup},
    {"DynamoDBCrudPolicy", "TableName", dynamodb_crud},
    {"DynamoDBReadPolicy", "TableName", dynamodb_read},
    {"DynamoDBReconfigurePolicy", "TableName", dynamodb_reconfigure},
    {"DynamoDBRestoreFromBackupPolicy", "TableName", dynamodb_restore},
    {"DynamoDBStreamReadPolicy", "TableName StreamName", dynamodb_stream},
    {"DynamoDBWritePolicy", "TableName", dynamodb_write},
    {"EC2CopyImagePolicy", "ImageId", copy_image},
    {"EC2DescribePolicy", "", ec2_describe},
    {"EKSDescribePolicy", "", eks},
    {"ElasticsearchHttpPostPolicy", "DomainName", elasticsearch},
    {"EventBridgePutEventsPolicy", "EventBusName", put_events},
    {"FilterLogEventsPolicy", "LogGroupName", filter_logs},
    {"FirehoseCrudPolicy", "DeliveryStreamName", firehose_crud},
    {"FirehoseWritePolicy", "DeliveryStreamName", firehose_write},
    {"KMSDecryptPolicy", "KeyId", kms_decrypt},
    {"KMSEncryptPolicy", "KeyId", kms_encrypt},
    {"KinesisCrudPolicy", "StreamName", kinesis_crud},
    {"KinesisStreamReadPolicy", "StreamName", kinesis_read},
    {"LambdaInvokePolicy", "FunctionName", lambda_invoke},
    {"MobileAnalyticsWriteOnlyAccessPolicy", "", mobile},
    {"OrganizationsListAccountsPolicy", "", organizations},
    {"PinpointEndpointAccessPolicy", "PinpointApplicationId", pinpoint},
    {"PollyFullAccessPolicy", "LexiconName", polly},
    {"RekognitionDetectOnlyPolicy", "", rekognition_detect},
    {"RekognitionFacesManagementPolicy", "CollectionId", rekognition_management},
    {"RekognitionFacesPolicy", "", rekognition_faces},
    {"RekognitionLabelsPolicy", "", rekognition_labels},
    {"RekognitionNoDataAccessPolicy", "CollectionId", rekognition_no_data},
    {"RekognitionReadPolicy", "CollectionId", rekognition_read},
    {"RekognitionWriteOnlyAccessPolicy", "CollectionId", rekognition_write},
    {"Route53ChangeResourceRecordSetsPolicy", "HostedZoneId", route53},
    {"S3CrudPolicy", "BucketName", s3_crud},
    {"S3FullAccessPolicy", "BucketName", s3_full},
    {"S3ReadPolicy", "BucketName", s3_read},
    {"S3WritePolicy", "BucketName", s3_write},
    {"SESBulkTemplatedCrudPolicy", "IdentityName", ses_bulk},
    {"SESBulkTemplatedCrudPolicy_v2", "IdentityName TemplateName", ses_bulk_2},
    {"SESCrudPolicy", "IdentityName", ses_crud},
    {"SESEmailTemplateCrudPolicy", "", ses_template},
    {"SESSendBouncePolicy", "IdentityName", ses_bounce},
    {"SNSCrudPolicy", "TopicName", sns_crud},
    {"SNSPublishMessagePolicy", "TopicName", sns_publish},
    {"SQSPollerPolicy", "QueueName", sqs_poll},
    {"SQSSendMessagePolicy", "QueueName", sqs_send},
    {"SSMParameterReadPolicy", "ParameterName", ssm_read},
    {"SSMParameterWithSlashPrefixReadPolicy", "ParameterName", ssm_slash_read},
    {"ServerlessRepoReadWriteAccessPolicy", "", repository},
    {"StepFunctionsExecutionPolicy", "StateMachineName", states},
    {"TextractDetectAnalyzePolicy", "", textract_analyze},
    {"TextractGetResultPolicy", "", textract_result},
    {"TextractPolicy", "", textract},
    {"VPCAccessPolicy", "", vpc},
};

}  // namespace

const PolicyTemplate* find_policy_template(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(templates), std::end(templates), [name](const PolicyTemplate& row) { return row.name == name; });
  return found == std::end(templates) ? nullptr : found;
}

std::span<const std::string_view> policy_template_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const PolicyTemplate& row : templates) all.push_back(row.name);
    return all;
  }();
  return names;
}

}  // namespace surgetank::stack
