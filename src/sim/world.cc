#include "sim/world.h"

namespace surgetank::sim {
namespace {

constexpr std::size_t lane_count = 3;
constexpr Instant start_of_time{1'700'000'000'000'000};
constexpr std::string_view account = "000000000000";
constexpr std::string_view region = "us-east-1";

}  // namespace

class World::SimulatedEntropy final : public Entropy {
 public:
  explicit SimulatedEntropy(std::uint64_t seed) : random_(seed) {}
  std::string bytes(std::size_t count) override {
    std::string out(count, '\0');
    for (auto& c : out) c = static_cast<char>(random_.below(256));
    return out;
  }

 private:
  Random random_;
};

World::World(std::uint64_t seed, std::vector<const Service*> services, Faults faults)
    : random_(seed),
      faults_(faults),
      services_(std::move(services)),
      lanes_(lane_count, start_of_time),
      store_(make_memory_store(MemoryDurability::Manual)),
      vault_(Secret<std::string>(std::string(32, 's'))),
      credentials_(vault_, std::string(account)),
      entropy_(std::make_unique<SimulatedEntropy>(seed + 1)),
      quotas_(quota_tables(services_)) {
  lanes_.shuffle(random_.next());
  ports_.vault = &vault_;
  ports_.entropy = entropy_.get();
  ports_.credentials = &credentials_;
  ports_.telemetry = &telemetry_;
  ports_.quotas = &quotas_;
  ports_.base_url = "http://127.0.0.1:4566";
  ports_.api_host = "localhost:4566";
  start();
}

World::~World() = default;

void World::start() {
  dispatcher_ = std::make_unique<Dispatcher>(*store_, lanes_, services_, ports_,
                                             Dispatcher::Options{.seed = random_.next(), .on_internal_failure = {}});
  ports_.dispatcher = dispatcher_.get();
  ServiceContext context{*dispatcher_, ports_, lanes_};
  for (const auto* service : services_)
    if (service->start != nullptr) service->start(context);
  dispatcher_->start_outbox();
}

void World::crash() {
  ++crashes_;
  lanes_.stop();
  const auto durable = store_->last_durable();
  // Whatever part of the unsynced log reached the disk before the power went.
  store_->crash_keeping(durable + random_.below(store_->last_committed() - durable + 1));
  start();
}

void World::call(std::string_view service, std::string_view operation, std::string_view input,
                 UniqueFunction<void(Result<std::string>)> done) {
  ++operations_;
  Caller caller = service_caller(account, region, "arn:aws:iam::000000000000:root");
  dispatcher_->dispatch_json(service, operation, std::move(caller), input, std::move(done));
}

bool World::step() {
  if (random_.chance(faults_.crash_percent)) {
    // Half of the crashes come while operations are under way, half between them.
    if (random_.chance(50)) lanes_.run_until_idle();
    crash();
    return true;
  }
  lanes_.advance(microseconds(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(faults_.longest_pause.us)))));
  if (random_.chance(faults_.sync_percent)) store_->sync();
  return false;
}

void World::settle() {
  for (int i = 0; i < 10; ++i) {
    lanes_.run_until_idle();
    store_->sync();
  }
}

void World::pass(Duration span) {
  settle();
  const auto end = lanes_.now() + span;
  for (auto next = lanes_.next_timer(); next && *next <= end; next = lanes_.next_timer()) {
    lanes_.advance(*next > lanes_.now() ? *next - lanes_.now() : Duration{});
    settle();
  }
  if (end > lanes_.now()) lanes_.advance(end - lanes_.now());
  settle();
}

std::uint64_t World::digest() {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash = (hash ^ 0xffU) * 0x100000001b3ULL;
  };
  // Keys and sizes only: sealed values carry nonces of the operating system.
  store_->begin()->scan("", "\xff", [&](std::string_view key, std::string_view value) {
    add(key);
    add(std::to_string(value.size()));
    return true;
  });
  return hash;
}

}  // namespace surgetank::sim
