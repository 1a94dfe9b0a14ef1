"""Metrics as a line of the log (embedded metric format): no call, no wait, no throttle."""

import json
import os
import time


def count_batch(operation, stored, failed, milliseconds):
    metric = {
        "Namespace": os.environ["METRICS_NAMESPACE"],
        "Dimensions": [["Operation"]],
        "Metrics": [
            {"Name": "Stored", "Unit": "Count"},
            {"Name": "Failed", "Unit": "Count"},
            {"Name": "Duration", "Unit": "Milliseconds"},
        ],
    }
    print(
        json.dumps(
            {
                "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]},
                "Operation": operation,
                "Stored": stored,
                "Failed": failed,
                "Duration": milliseconds,
            }
        )
    )
