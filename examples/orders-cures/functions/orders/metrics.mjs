// Counts an operation: with a call to CloudWatch, or as a line of the log (embedded metric format): no call, no wait, no throttle.
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { embedsMetrics } from "./cures.mjs";

const cloudwatch = new CloudWatchClient({});

export async function count(operation, requests, milliseconds) {
  if (embedsMetrics) return embed(operation, requests, milliseconds);
  const Dimensions = [{ Name: "Operation", Value: operation }];
  await cloudwatch.send(new PutMetricDataCommand({
    Namespace: process.env.METRICS_NAMESPACE,
    MetricData: [
      { MetricName: "Requests", Dimensions, Unit: "Count", Value: requests },
      { MetricName: "Duration", Dimensions, Unit: "Milliseconds", Value: milliseconds },
    ],
  }));
}

function embed(operation, requests, milliseconds) {
  console.log(JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [{
        Namespace: process.env.METRICS_NAMESPACE,
        Dimensions: [["Operation"]],
        Metrics: [{ Name: "Requests", Unit: "Count" }, { Name: "Duration", Unit: "Milliseconds" }],
      }],
    },
    Operation: operation,
    Requests: requests,
    Duration: milliseconds,
  }));
}
