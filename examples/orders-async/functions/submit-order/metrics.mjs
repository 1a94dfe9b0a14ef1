// Metrics as a line of the log (embedded metric format): no call, no wait, no throttle.
export function countRequest(operation, milliseconds) {
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
    Requests: 1,
    Duration: milliseconds,
  }));
}
