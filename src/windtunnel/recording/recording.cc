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
};
SURGE_SHAPE(RecordingHead, format)

// Every number of a recording is below this, so that sums and products of a few do not overflow. (Microseconds reach it in the year 2286.)
constexpr Integer largest_number = 10'000'000'000'000'000;

bool has_sane_numbers(const Type& type, const void* value) {
  switch (type.kind) {
    case Type::Kind::Integer: {
      const auto number = *static_cast<const Integer*>(value);
      return number >= -largest_number && number <= largest_number;
    }
    case Type::Kind::Optional:
    case Type::Kind::List:
    case Type::Kind::Map: {
      struct Walk {
        const Type& element;
        bool sane = true;
      } walk{*type.element};
      type.each(value, &walk, [](void* context, std::string_view, const void* element) {
        auto& into = *static_cast<Walk*>(context);
        into.sane = into.sane && has_sane_numbers(into.element, element);
      });
      return walk.sane;
    }
    case Type::Kind::Struct:
      for (const auto& member : type.shape()->members)
        if (!has_sane_numbers(*member.type, static_cast<const char*>(value) + member.offset)) return false;
      return true;
    default:
      return true;
  }
}

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

[[noreturn]] void fail_format(Integer format) {
  fail("the recording has format " + std::to_string(format) + ", this program reads " + std::to_string(recording_format) +
       "; record again");
}

// Another format has other members, so it is told before what is wrong with them.
[[noreturn]] void explain_unreadable(std::string_view json, const std::string& why) {
  RecordingHead head;
  if (!read_json(json, RecordingHead_shape, &head).ok() || !head.format)
    fail("this is no recording (a JSON object with \"format\"); make one with 'surgetank record -o run.json': " + why);
  if (*head.format != recording_format) fail_format(*head.format);
  fail("the recording is not readable: " + why);
}

std::string system_error() { return std::strerror(errno); }

}  // namespace

std::string recording_to_json(const Recording& recording) {
  std::string out;
  write_json(Recording_shape, &recording, out);
  return out;
}

Recording recording_from_json(std::string_view json) {
  if (json.size() > max_recording_bytes) fail("the recording is larger than " + std::to_string(max_recording_bytes >> 20) + " MiB");
  Recording recording;
  const auto read = read_json(json, Recording_shape, &recording);
  if (!read.ok()) explain_unreadable(json, read.error().message);
  if (recording.format != recording_format) fail_format(recording.format);
  if (!has_sane_numbers(TypeOf<Recording>::value, &recording)) fail("the recording has numbers that are too large");
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
