// The observer of PostgreSQL connections: whatever both sides send, in whatever pieces, it neither fails nor keeps much, and what it
// tells does not depend on the pieces.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "engine/postgres_protocol.h"

using namespace surgetank;

namespace {

struct Recorder final : PostgresEvents {
  std::string told;
  void on_startup(const std::string& user, const std::string& database) override { told += "startup " + user + "/" + database + "\n"; }
  void on_connected(const std::string& fault, Instant) override { told += "connected " + fault + "\n"; }
  void on_statement(PostgresStatement statement) override {
    SURGE_ASSERT(statement.text.size() <= 200 && statement.tag.size() <= 200 && statement.fault.size() <= 300, "bounded");
    told += statement.text + " " + statement.tag + " " + statement.fault + "\n";
  }
  TraceContext current_trace() override { return {}; }
};

// The input is a row of pieces: one byte for direction (lowest bit) and length, then the bytes.
std::string observe(std::string_view input, std::size_t piece) {
  Recorder recorder;
  PostgresObserver observer(recorder);
  while (!input.empty()) {
    const auto head = static_cast<unsigned char>(input[0]);
    input.remove_prefix(1);
    auto bytes = input.substr(0, head >> 1);
    input.remove_prefix(bytes.size());
    while (!bytes.empty()) {
      const auto part = bytes.substr(0, piece);
      bytes.remove_prefix(part.size());
      if ((head & 1) == 0) {
        observer.from_client(part, Instant{1});
      } else {
        observer.from_server(part, Instant{2});
      }
    }
  }
  observer.ended(Instant{3});
  return recorder.told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  set_assert_policy(AssertPolicy::Abort);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  SURGE_ASSERT(observe(input, 128) == observe(input, 1), "pieces do not matter");
  SURGE_ASSERT(mask_sql(input, 200).size() <= 200, "bounded");
  return 0;
}
