#pragma once
// One run of one application as data: what was deployed, and what happened. Made from a running server by recorder.h, kept as one JSON
// file, read by the advisor (windtunnel/advice) and the planner (windtunnel/prediction). Plain values; any thread.
//
// Member names are those of the file. Units are in the names; instants and spans of time are in microseconds, instants since the Unix
// epoch. Lists are sorted by their first member unless said otherwise. A list that is empty may be missing in the file.
//
// No values of environment variables, secrets, messages or payloads are in it; statements of databases are (as spans, shortened by the
// relay), and so are paths of the user's files. Files are written readable by their owner only.
#include <string>
#include <string_view>

#include "shape/shape.h"

namespace surgetank::windtunnel {

// --- the application -------------------------------------------------------------------------------------------------

// Where a template declares something. Resources that a transform makes (a mapping, a route) stand where their source stands.
struct RecordedResource {
  String logicalId;
  String type;        // AWS::Lambda::Function, also of what SAM made
  String physicalId;  // function name, queue URL, mapping UUID, API id ...; empty: not deployed
  Integer line = 0;   // counted from one; 0: not known
  String source;      // the logical id that is written in the template; the same unless a transform made the resource
  String code;        // of a function: the absolute path of its code; empty: not known
};
SURGE_SHAPE(RecordedResource, logicalId, type, physicalId, line, source, code)

struct RecordedTemplate {
  String stack;
  String path;    // absolute, of the machine of the deployment
  String sha256;  // of its text as deployed: lines count only while the file is the same
  List<RecordedResource> resources;
  // Lines of what is written under Resources and Globals: "Resources.Worker.Properties.Timeout" -> 45, list items by number from 0.
  Map<Integer> lines;
};
SURGE_SHAPE(RecordedTemplate, stack, path, sha256, resources, lines)

struct RecordedFunction {
  String name;
  String arn;
  String logicalId;  // empty: not from a template
  String runtime;
  String handler;
  String codeFile;            // the file of the handler, where it is plain to tell and exists; else empty
  Opt<Integer> codeLines;     // of that file: lines with code; absent: not known
  Opt<bool> importsOwnFiles;  // that file imports others of its package
  Integer memoryMegabytes = 0;
  Integer timeoutSeconds = 0;
  Opt<Integer> reservedConcurrency;
  Integer provisionedConcurrency = 0;  // over all versions and aliases
  List<String> environmentNames;
};
SURGE_SHAPE(RecordedFunction, name, arn, logicalId, runtime, handler, codeFile, codeLines, importsOwnFiles, memoryMegabytes, timeoutSeconds,
            reservedConcurrency, provisionedConcurrency, environmentNames)

// A route of an HTTP API.
struct RecordedRoute {
  String api;              // id
  String routeKey;         // "POST /orders"
  String integrationType;  // AWS_PROXY, HTTP_PROXY
  String function;         // name; empty: no function
  String logicalId;        // of the route
  Integer timeoutMilliseconds = 30'000;
  // Of the stage ($default first) that throttles most; absent: only the account's quota.
  Opt<double> throttleRequestsPerSecond;
  Opt<Integer> throttleBurstRequests;
};
SURGE_SHAPE(RecordedRoute, api, routeKey, integrationType, function, logicalId, timeoutMilliseconds, throttleRequestsPerSecond,
            throttleBurstRequests)

struct RecordedQueue {
  String name;
  String arn;
  String logicalId;
  bool fifo = false;
  Integer visibilityTimeoutSeconds = 30;
  Integer receiveWaitSeconds = 0;
  Integer retentionSeconds = 345'600;
  Integer delaySeconds = 0;
  Integer maximumMessageBytes = 1'048'576;
  String deadLetterQueue;  // name; empty: none
  Integer maximumReceives = 0;
  Integer messagesVisible = 0;  // at the end of the run
  Integer messagesInFlight = 0;
};
SURGE_SHAPE(RecordedQueue, name, arn, logicalId, fifo, visibilityTimeoutSeconds, receiveWaitSeconds, retentionSeconds, delaySeconds,
            maximumMessageBytes, deadLetterQueue, maximumReceives, messagesVisible, messagesInFlight)

struct RecordedMapping {
  String uuid;
  String queue;     // name
  String function;  // name
  String logicalId;
  bool enabled = true;
  Integer batchSizeMessages = 10;
  Integer batchWindowSeconds = 0;
  Opt<Integer> maximumConcurrency;
  bool reportsBatchItemFailures = false;
  List<String> filterPatterns;
  Opt<Integer> minimumPollers = {};  // both absent: not in provisioned mode
  Opt<Integer> maximumPollers = {};
};
SURGE_SHAPE(RecordedMapping, uuid, queue, function, logicalId, enabled, batchSizeMessages, batchWindowSeconds, maximumConcurrency,
            reportsBatchItemFailures, filterPatterns, minimumPollers, maximumPollers)

struct RecordedDatabase {
  String identifier;
  String logicalId;
  String instanceClass;
  Integer maximumConnections = 0;  // what the server is set to
  Integer peakConnections = 0;     // during the run
};
SURGE_SHAPE(RecordedDatabase, identifier, logicalId, instanceClass, maximumConnections, peakConnections)

// --- the run ---------------------------------------------------------------------------------------------------------

// As in GET /_surgetank/traces; kinds and attributes: docs/guides/traces.md.
struct RecordedSpan {
  String id;
  String parent;  // empty: the first of its trace
  String kind;
  String name;
  Integer startMicroseconds = 0;
  Integer durationMicroseconds = 0;
  Integer status = 0;
  String fault;  // empty: fine
  Map<String> attributes;
};
SURGE_SHAPE(RecordedSpan, id, parent, kind, name, startMicroseconds, durationMicroseconds, status, fault, attributes)
struct RecordedTrace {
  String root;               // "1-..."
  List<RecordedSpan> spans;  // in order of start
};
SURGE_SHAPE(RecordedTrace, root, spans)

// A row of the registry of quotas.
struct RecordedQuota {
  String id;  // "lambda.concurrent-executions"
  String name;
  String unit;
  Opt<Integer> value;  // in force; absent: no limit
  Integer now = 0;
  Integer peak = 0;  // since the server's start or the last reset of the use
  Integer rejections = 0;
  Opt<bool> isOwn = {};  // the value is not that of the profile: the user's file or settings gave it
};
SURGE_SHAPE(RecordedQuota, id, name, unit, value, now, peak, rejections, isOwn)

// A metric of a service's own namespace (AWS/...) over the run, rounded to whole minutes outwards.
struct RecordedMetric {
  String nameSpace;
  String name;
  Map<String> dimensions;
  String unit;
  double samples = 0;
  double sum = 0;
  double minimum = 0;
  double maximum = 0;
};
SURGE_SHAPE(RecordedMetric, nameSpace, name, dimensions, unit, samples, sum, minimum, maximum)

// Processor time up to an instant; only differences mean something.
struct RecordedUse {
  Integer atMicroseconds = 0;
  Integer serverMicroseconds = 0;
  Integer databaseMicroseconds = 0;  // of PostgreSQL
  Integer functionMicroseconds = 0;  // of environments, their starts included
};
SURGE_SHAPE(RecordedUse, atMicroseconds, serverMicroseconds, databaseMicroseconds, functionMicroseconds)

// The machine during the run.
struct RecordedHost {
  Integer processors = 0;
  Integer functionProcesses = 0;  // that it runs at most
  Integer busyMicroseconds = 0;   // processor time of the server and all that it started, from the first span to the last; 0: not known
  List<RecordedUse> samples = {};  // every few seconds, from before the first span to after the last; empty: not known
};
SURGE_SHAPE(RecordedHost, processors, functionProcesses, busyMicroseconds, samples)

struct Recording {
  Integer format = 1;  // of this file; another one is refused
  String version;      // of Surgetank
  String region;                  // whose values the quotas have
  Integer startMicroseconds = 0;  // of the first span
  Integer endMicroseconds = 0;    // of the last
  Integer accountConcurrency = 0;
  Integer secrets = 0;  // how many there are
  Opt<RecordedHost> host;
  List<RecordedTemplate> templates;
  List<RecordedFunction> functions;
  List<RecordedRoute> routes;
  List<RecordedQueue> queues;
  List<RecordedMapping> mappings;
  List<RecordedDatabase> databases;
  Opt<String> quotaProfile = {};  // "aws", "aws-new-account", "none"; absent: not known
  List<RecordedQuota> quotas;
  List<RecordedMetric> metrics;  // by namespace, name, dimensions
  List<RecordedTrace> traces;    // oldest first; the last of the run, as many as asked for
};
SURGE_SHAPE(Recording, format, version, region, startMicroseconds, endMicroseconds, accountConcurrency, secrets, host, templates, functions,
            routes, queues, mappings, databases, quotaProfile, quotas, metrics, traces)

inline constexpr Integer recording_format = 1;
inline constexpr std::size_t max_recording_bytes = std::size_t{512} << 20;
inline constexpr std::size_t max_recorded_traces = 20'000;
inline constexpr std::size_t max_recorded_spans = 400'000;

std::string recording_to_json(const Recording& recording);
// Throws std::runtime_error with a text for the user: no recording, another format, over a limit.
Recording recording_from_json(std::string_view json);
// Files. Throw std::runtime_error with a text for the user.
void write_recording(const std::string& path, const Recording& recording);
Recording read_recording(const std::string& path);

// --- looking things up; null if there is none -------------------------------------------------------------------------

const RecordedFunction* find_function(const Recording& recording, std::string_view name);
const RecordedQueue* find_queue(const Recording& recording, std::string_view name);
const RecordedQuota* find_quota(const Recording& recording, std::string_view id);
// The attribute of a span; empty if absent.
std::string_view attribute_of(const RecordedSpan& span, std::string_view name);
// The same as a number; `otherwise` if absent or none.
Integer integer_attribute(const RecordedSpan& span, std::string_view name, Integer otherwise = 0);
// The metric of that name whose dimensions are exactly these.
const RecordedMetric* find_metric(const Recording& recording, std::string_view name_space, std::string_view name,
                                  const Map<String>& dimensions);

}  // namespace surgetank::windtunnel
