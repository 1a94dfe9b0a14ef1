// The function of drain_bench.py: for every message of its batch sleeps WORK_MS, and prints how long the message took from its sender's
// clock (the microseconds that its body begins with) to this line. Batches of any size; nothing else of the event is read.
#include <surgetank/lambda.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

int main() {
  const char* const work = std::getenv("WORK_MS");
  const std::chrono::milliseconds work_time(work == nullptr ? 0 : std::atoi(work));
  return surgetank::run_handler([work_time](const surgetank::invocation_request& request) {
    constexpr std::string_view mark = R"("body":")";
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    for (auto at = request.payload.find(mark); at != std::string::npos; at = request.payload.find(mark, at + 1)) {
      const auto sent = std::atoll(request.payload.c_str() + at + mark.size());
      if (sent > 0) std::printf("LATENCY_US %lld\n", static_cast<long long>(now - sent));
      if (work_time.count() > 0) std::this_thread::sleep_for(work_time);
    }
    std::fflush(stdout);
    return surgetank::invocation_response::success("{}");
  });
}
