#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/logs/event_store.h"
#include "services/logs/filter_pattern.h"
#include "services/logs/keys.h"
#include "services/logs/limits.h"
#include "services/logs/operations.h"

namespace surgetank::logs {
namespace {

constexpr std::int64_t end_of_time_ms = 253'402'300'800'000;  // the year 10000

using Position = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

std::string position_text(const Position& position) {
  char text[80];
  std::snprintf(text, sizeof text, "%015lld%020lld%010lld", static_cast<long long>(std::get<0>(position)),
                static_cast<long long>(std::get<1>(position)), static_cast<long long>(std::get<2>(position)));
  return text;
}

std::optional<Position> read_position(std::string_view text) {
  if (text.size() != 45) return std::nullopt;
  const auto time = parse_integer(text.substr(0, 15));
  const auto sequence = parse_integer(text.substr(15, 20));
  const auto index = parse_integer(text.substr(35));
  if (!time || !sequence || !index) return std::nullopt;
  return Position{*time, *sequence, *index};
}

Error invalid_token() { return {&InvalidParameterException, "The specified nextToken is invalid."}; }

struct Window {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = end_of_time_ms;
};

Result<Window> window_of(Call& call, const GroupRecord& group, const Opt<Integer>& start, const Opt<Integer>& end, Integer inclusive_end) {
  if (start && *start < 0) return Error{&InvalidParameterException, "startTime must not be negative."};
  Window window;
  window.from_ms = std::max(start.value_or(0), oldest_kept_ms(call, group));
  if (end) window.to_ms = std::clamp<std::int64_t>(*end + inclusive_end, 0, end_of_time_ms);
  return window;
}

// The last `count` events before `before`, in order. Reads backwards in growing windows of time, because the store only goes forward.
std::vector<Event> last_events(Call& call, const String& group, const StreamRecord& stream, const Window& window,
                               const std::optional<Position>& before, std::size_t count) {
  const auto newest = std::min(window.to_ms, before ? std::get<0>(*before) + 1 : stream.last_event_ms.value_or(0) + 1);
  std::vector<Event> found;
  for (std::int64_t span = 60'000;; span *= 8) {
    found.clear();
    const auto from = std::max(window.from_ms, newest - span);
    visit_events(call, group, stream.name, from, newest, [&](Event event) {
      if (!before || event.position() < *before) found.push_back(std::move(event));
      if (found.size() > count * 2) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(count));
      return true;
    });
    if (found.size() >= count || from == window.from_ms) break;
  }
  if (found.size() > count) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(count));
  return found;
}

std::vector<Event> first_events(Call& call, const String& group, const StreamRecord& stream, const Window& window,
                                const std::optional<Position>& after, std::size_t count) {
  std::vector<Event> found;
  std::size_t bytes = 0;
  const auto from = after ? std::max(window.from_ms, std::get<0>(*after)) : window.from_ms;
  visit_events(call, group, stream.name, from, window.to_ms, [&](Event event) {
    if (after && event.position() <= *after) return true;
    bytes += event.message.size() + limits::event_overhead_bytes;
    found.push_back(std::move(event));
    return found.size() < count && bytes < limits::page_bytes;
  });
  return found;
}

// "f/<position>" goes on after that event, "b/<position>" before it.
struct Token {
  bool forward = true;
  Position position;
};

Result<Opt<Token>> read_token(const Opt<String>& text) {
  if (!text) return Opt<Token>{};
  const auto position = text->size() > 2 ? read_position(std::string_view(*text).substr(2)) : std::nullopt;
  const auto direction = text->substr(0, 2);
  if (!position || (direction != "f/" && direction != "b/")) return invalid_token();
  return Opt<Token>{Token{direction == "f/", *position}};
}

Result<std::vector<String>> searched_streams(Call& call, const FilterLogEventsRequest& request, const GroupRecord& group,
                                             const Window& window) {
  if (!request.logStreamNames.empty() && request.logStreamNamePrefix)
    return Error{&InvalidParameterException, "logStreamNames and logStreamNamePrefix cannot both be given."};
  if (request.logStreamNames.size() > limits::filter_streams)
    return Error{&InvalidParameterException, "logStreamNames takes at most 100 names."};
  std::vector<String> names;
  for (const auto& name : request.logStreamNames) {
    SURGE_TRY(stream, find_stream(call, group.name, name));
    names.push_back(stream.name);
  }
  if (!names.empty()) return names;
  const auto prefix = request.logStreamNamePrefix.value_or("");
  scan_records<StreamRecord>(call.txn, keys::streams(call.caller, group.name), [&](const StreamRecord& stream) {
    const bool in_time =
        stream.last_event_ms && *stream.last_event_ms >= window.from_ms && stream.first_event_ms.value_or(0) < window.to_ms;
    if (in_time && stream.name.substr(0, prefix.size()) == prefix) names.push_back(stream.name);
    return true;
  });
  return names;
}

// Where a page of FilterLogEvents ended: events are given out by time, then stream, then position.
using FilterPosition = std::tuple<std::int64_t, String, std::int64_t, std::int64_t>;

FilterPosition filter_position(const Event& event, const String& stream) {
  return {event.timestamp_ms, stream, event.sequence, event.index};
}

std::string filter_token(const FilterPosition& p) {
  return to_base64(position_text({std::get<0>(p), std::get<2>(p), std::get<3>(p)}) + std::get<1>(p));
}

Result<Opt<FilterPosition>> read_filter_token(const Opt<String>& text) {
  if (!text) return Opt<FilterPosition>{};
  const auto decoded = from_base64(*text);
  const auto position = decoded && decoded->size() > 45 ? read_position(std::string_view(*decoded).substr(0, 45)) : std::nullopt;
  if (!position) return invalid_token();
  return Opt<FilterPosition>{FilterPosition{std::get<0>(*position), decoded->substr(45), std::get<1>(*position), std::get<2>(*position)}};
}

struct Found {
  Event event;
  String stream;
};

}  // namespace

Result<GetLogEventsResponse> get_log_events(Call& call, const GetLogEventsRequest& request) {
  SURGE_CHECK(Validation().range("limit", request.limit, 1, limits::events_page).finish(InvalidParameterException));
  SURGE_TRY(group, find_group(call, request.logGroupName.value_or(request.logGroupIdentifier.value_or(""))));
  SURGE_TRY(stream, find_stream(call, group.name, request.logStreamName));
  SURGE_TRY(window, window_of(call, group, request.startTime, request.endTime, 0));
  SURGE_TRY(token, read_token(request.nextToken));
  const auto count = static_cast<std::size_t>(request.limit.value_or(limits::events_page));
  const bool forward = token ? token->forward : request.startFromHead.value_or(false);
  const auto position = token ? std::optional(token->position) : std::nullopt;
  const auto events = forward ? first_events(call, group.name, stream, window, position, count)
                              : last_events(call, group.name, stream, window, position, count);
  GetLogEventsResponse response;
  auto& out = response.events.emplace();
  for (const auto& event : events)
    out.push_back({.timestamp = event.timestamp_ms, .message = event.message, .ingestionTime = event.ingestion_ms});
  // At either end the token stays what it was: that is how clients notice.
  const Position here = position.value_or(forward ? Position{0, 0, 0} : Position{stream.last_event_ms.value_or(0) + 1, 0, 0});
  response.nextForwardToken = "f/" + position_text(events.empty() ? here : events.back().position());
  response.nextBackwardToken = "b/" + position_text(events.empty() ? here : events.front().position());
  return response;
}

Result<FilterLogEventsResponse> filter_log_events(Call& call, const FilterLogEventsRequest& request) {
  SURGE_CHECK(Validation().range("limit", request.limit, 1, limits::events_page).finish(InvalidParameterException));
  SURGE_TRY(pattern, FilterPattern::parse(request.filterPattern.value_or("")));
  SURGE_TRY(group, find_group(call, request.logGroupName.value_or(request.logGroupIdentifier.value_or(""))));
  SURGE_TRY(window, window_of(call, group, request.startTime, request.endTime, 1));
  SURGE_TRY(after, read_filter_token(request.nextToken));
  SURGE_TRY(streams, searched_streams(call, request, group, window));
  if (after) window.from_ms = std::max(window.from_ms, std::get<0>(*after));

  // Every stream gives its first events; the page is cut where the events of all streams are known.
  const auto count = static_cast<std::size_t>(request.limit.value_or(limits::events_page));
  std::vector<Found> found;
  std::optional<FilterPosition> known_until;  // none: everything was read
  std::size_t examined = 0;
  for (const auto& stream : streams) {
    std::size_t taken = 0;
    std::size_t bytes = 0;
    visit_events(call, group.name, stream, window.from_ms, window.to_ms, [&](Event event) {
      ++examined;
      const auto position = filter_position(event, stream);
      if (after && position <= *after) return true;
      if (pattern.matches(event.message)) {
        bytes += event.message.size();
        found.push_back({std::move(event), stream});
        ++taken;
      }
      if (taken <= count && bytes < limits::page_bytes && examined < limits::events_examined) return true;
      known_until = known_until ? std::min(*known_until, position) : position;
      return false;
    });
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return filter_position(a.event, a.stream) < filter_position(b.event, b.stream); });
  FilterLogEventsResponse response;
  auto& out = response.events.emplace();
  response.searchedLogStreams.emplace();
  std::size_t bytes = 0;
  for (auto& one : found) {
    const bool full =
        out.size() == count || bytes > limits::page_bytes || (known_until && filter_position(one.event, one.stream) > *known_until);
    if (full) break;
    bytes += one.event.message.size();
    out.push_back(
        {.logStreamName = one.stream,
         .timestamp = one.event.timestamp_ms,
         .message = one.event.message,
         .ingestionTime = one.event.ingestion_ms,
         .eventId = position_text(one.event.position()) + to_hex(one.stream.substr(std::max<std::size_t>(one.stream.size(), 4) - 4))});
  }
  if (out.size() < found.size() && !out.empty()) {
    const auto& last = found[out.size() - 1];
    response.nextToken = filter_token(filter_position(last.event, last.stream));
  } else if (known_until) {
    response.nextToken = filter_token(*known_until);
  }
  return response;
}

Result<TestMetricFilterResponse> test_metric_filter(Call&, const TestMetricFilterRequest& request) {
  if (request.logEventMessages.empty() || request.logEventMessages.size() > 50)
    return Error{&InvalidParameterException, "logEventMessages takes 1 to 50 messages."};
  SURGE_TRY(pattern, FilterPattern::parse(request.filterPattern));
  TestMetricFilterResponse response;
  auto& matches = response.matches.emplace();
  for (std::size_t i = 0; i < request.logEventMessages.size(); ++i) {
    const auto& message = request.logEventMessages[i];
    if (pattern.matches(message))
      matches.push_back({.eventNumber = static_cast<Integer>(i + 1), .eventMessage = message, .extractedValues = pattern.extract(message)});
  }
  return response;
}

}  // namespace surgetank::logs
