// Drives Secrets Manager and CloudWatch with the AWS SDK for JavaScript v3 that the example application uses, and prints what it saw
// as JSON: node sdk_v3.mjs ENDPOINT FOLDER_WITH_NODE_MODULES
import { createRequire } from "node:module";

const [endpoint, folder] = process.argv.slice(2);
const require = createRequire(folder + "/package.json");
const secretsManager = require("@aws-sdk/client-secrets-manager");
const cloudWatch = require("@aws-sdk/client-cloudwatch");

const config = { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, maxAttempts: 1 };
const secrets = new secretsManager.SecretsManagerClient(config);
const metrics = new cloudWatch.CloudWatchClient(config);
const seen = {};

await secrets.send(new secretsManager.CreateSecretCommand({ Name: "from-js", SecretBinary: new Uint8Array([0, 255, 1]) }));
await secrets.send(new secretsManager.PutSecretValueCommand({ SecretId: "from-js", SecretString: "zwölf" }));
seen.current = (await secrets.send(new secretsManager.GetSecretValueCommand({ SecretId: "from-js" }))).SecretString;
const previous = await secrets.send(new secretsManager.GetSecretValueCommand({ SecretId: "from-js", VersionStage: "AWSPREVIOUS" }));
seen.previous = [...previous.SecretBinary];
try {
  await secrets.send(new secretsManager.GetSecretValueCommand({ SecretId: "absent" }));
} catch (error) {
  seen.error = [error.name, error.$metadata.httpStatusCode, error instanceof secretsManager.ResourceNotFoundException];
}

const Timestamp = new Date();
const Dimensions = [{ Name: "Place", Value: "js" }];
await metrics.send(new cloudWatch.PutMetricDataCommand({
  Namespace: "FromJs",
  MetricData: [{ MetricName: "Latency", Dimensions, Timestamp, Values: [1.5, 3], Counts: [2, 1], Unit: "Milliseconds" }],
}));
const range = { StartTime: new Date(Timestamp - 600_000), EndTime: new Date(Number(Timestamp) + 600_000) };
const statistics = await metrics.send(new cloudWatch.GetMetricStatisticsCommand({
  Namespace: "FromJs", MetricName: "Latency", Dimensions, Period: 60, Statistics: ["Sum", "SampleCount", "Maximum"], ...range,
}));
seen.points = statistics.Datapoints.map(
  (point) => [point.SampleCount, point.Sum, point.Maximum, point.Unit, point.Timestamp instanceof Date]);
const data = await metrics.send(new cloudWatch.GetMetricDataCommand({
  MetricDataQueries: [
    { Id: "a", MetricStat: { Metric: { Namespace: "FromJs", MetricName: "Latency", Dimensions }, Period: 60, Stat: "Average" } },
  ],
  ...range,
}));
seen.averages = data.MetricDataResults[0].Values;
try {
  await metrics.send(new cloudWatch.PutMetricDataCommand({ Namespace: "FromJs", MetricData: [{ MetricName: "" }] }));
} catch (error) {
  seen.metricError = error.$metadata.httpStatusCode;
}
console.log(JSON.stringify(seen));
