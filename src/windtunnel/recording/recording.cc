#include "windtunnel/recording/recording.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "base/text.h"
#include "wire/json.h"

namespace surgetank::windtunnel {
namespace {

// Enough to refuse another format by name before its members are looked at.
struct RecordingHead {
  Opt<Integer> format;
  Opt<Document> traces;
};
SURGE_SHAPE(RecordingHead, format, traces)

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

std::string system_error() { return std::strerror(errno); }

}  // namespace

std::string recording_to_json(const Recording& recording) {
  std::string out;
  write_json(Recording_shape, &recording, out);
  return out;
}

Recording recording_from_json(std::string_view json) {
  if (json.size() > max_recording_bytes) fail("the recording is larger than " + std::to_string(max_recording_bytes >> 20) + " MiB");
  RecordingHead head;
  if (const auto read = read_json(json, RecordingHead_shape, &head); !read.ok() || !head.format)
    fail("this is no recording (a JSON object with \"format\"); make one with 'surgetank record -o run.json'");
  if (*head.format != recording_format)
    fail("the recording has format " + std::to_string(*head.format) + ", this program reads " + std::to_string(recording_format) +
         "; record again");
  Recording recording;
  if (const auto read = read_json(json, Recording_shape, &recording); !read.ok())
    fail("the recording is not readable: " + read.error().message);
  if (recording.traces.size() > max_recorded_traces)
    fail("the recording has more than " + std::to_string(max_recorded_traces) + " traces; record fewer with --last");
  std::size_t spans = 0;
  for (const auto& trace : recording.traces) spans += trace.spans.size();
  if (spans > max_recorded_spans)
    fail("the recording has more than " + std::to_string(max_recorded_spans) + " spans; record fewer traces with --last");
  return recording;
}

void write_recording(const std::string& path, const Recording& recording) {
  const auto json = recording_to_json(recording) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) fail("cannot write " + path + ": " + system_error());
  for (std::size_t written = 0; written < json.size();) {
    const auto count = ::write(file, json.data() + written, json.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const auto why = system_error();
      ::close(file);
      fail("cannot write " + path + ": " + why);
    }
    written += static_cast<std::size_t>(count);
  }
  if (::close(file) != 0) fail("cannot write " + path + ": " + system_error());
}

Recording read_recording(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot read " + path + ": " + system_error());
  std::string text;
  char block[65'536];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
    if (text.size() > max_recording_bytes) fail(path + " is larger than " + std::to_string(max_recording_bytes >> 20) + " MiB");
  }
  if (file.bad()) fail("cannot read " + path);
  try {
    return recording_from_json(text);
  } catch (const std::runtime_error& error) {
    fail(path + ": " + error.what());
  }
}

const RecordedFunction* find_function(const Recording& recording, std::string_view name) {
  for (const auto& function : recording.functions)
    if (function.name == name) return &function;
  return nullptr;
}

const RecordedQueue* find_queue(const Recording& recording, std::string_view name) {
  for (const auto& queue : recording.queues)
    if (queue.name == name) return &queue;
  return nullptr;
}

const RecordedQuota* find_quota(const Recording& recording, std::string_view id) {
  for (const auto& quota : recording.quotas)
    if (quota.id == id) return &quota;
  return nullptr;
}

std::string_view attribute_of(const RecordedSpan& span, std::string_view name) {
  const auto found = span.attributes.find(std::string(name));
  return found == span.attributes.end() ? std::string_view{} : std::string_view(found->second);
}

Integer integer_attribute(const RecordedSpan& span, std::string_view name, Integer otherwise) {
  return parse_integer(attribute_of(span, name)).value_or(otherwise);
}

const RecordedMetric* find_metric(const Recording& recording, std::string_view name_space, std::string_view name,
                                  const Map<String>& dimensions) {
  for (const auto& metric : recording.metrics)
    if (metric.nameSpace == name_space && metric.name == name && metric.dimensions == dimensions) return &metric;
  return nullptr;
}

}  // namespace surgetank::windtunnel
