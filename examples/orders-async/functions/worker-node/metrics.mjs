// Metrics as a line of the log (embedded metric format): no call, no wait, no throttle.
export function countBatch(operation, stored, failed, milliseconds) {
  console.log(JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [{
        Namespace: process.env.METRICS_NAMESPACE,
        Dimensions: [["Operation"]],
        Metrics: [{ Name: "Stored", Unit: "Count" }, { Name: "Failed", Unit: "Count" }, { Name: "Duration", Unit: "Milliseconds" }],
      }],
    },
    Operation: operation,
    Stored: stored,
    Failed: failed,
    Duration: milliseconds,
  }));
}
