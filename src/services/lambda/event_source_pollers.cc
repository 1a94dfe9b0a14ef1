#include "services/lambda/event_source_pollers.h"

#include <atomic>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "kernel/dispatcher.h"
#include "kernel/event_sources.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "services/lambda/event_source_driver.h"
#include "services/lambda/event_source_store.h"
#include "services/lambda/service.h"

namespace surgetank::lambda {
namespace {

class EventSourcePollers final : public EventSources, public std::enable_shared_from_this<EventSourcePollers> {
 public:
  explicit EventSourcePollers(const ServiceContext& context) : context_(context), lanes_(context.lanes.size()) {}

  void refresh(const std::string& account, const std::string& region, const std::string& uuid) override {
    const auto index = lane_of(lanes_.size(), account, region, service.name, uuid);
    context_.lanes.lane(index).post([self = shared_from_this(), index, account, region, uuid] {
      if (const auto driver = self->driver_on(index, account, region, uuid)) driver->refresh();
    });
  }

  void stop(UniqueFunction<void()> done) override {
    auto last = std::make_shared<LastOf>(lanes_.size(), std::move(done));
    for (std::size_t index = 0; index < lanes_.size(); ++index) {
      context_.lanes.lane(index).post([self = shared_from_this(), index, last] {
        auto& lane = self->lanes_[index];
        lane.is_stopping = true;
        const auto drivers = lane.drivers;  // a copy: a driver that ends leaves the map
        last->add(drivers.size());
        for (const auto& [key, driver] : drivers) driver->stop([last] { last->one(); });
        last->one();
      });
    }
  }

 private:
  // Touched on its lane only.
  struct LaneDrivers {
    std::map<std::string, std::shared_ptr<MappingDriver>> drivers;
    bool is_stopping = false;
  };
  // Calls `done` when all have come; from any thread.
  class LastOf {
   public:
    LastOf(std::size_t count, UniqueFunction<void()> done) : left_(count), done_(std::move(done)) {}
    void add(std::size_t count) { left_ += count; }
    void one() {
      if (--left_ == 0) done_();
    }

   private:
    std::atomic<std::size_t> left_;
    UniqueFunction<void()> done_;
  };

  std::shared_ptr<MappingDriver> driver_on(std::size_t index, const std::string& account, const std::string& region,
                                           const std::string& uuid) {
    auto& lane = lanes_[index];
    if (lane.is_stopping) return nullptr;
    const auto key = account + "/" + region + "/" + uuid;
    auto& driver = lane.drivers[key];
    if (!driver) {
      const auto ended = [weak = weak_from_this(), index, key] {
        if (const auto self = weak.lock()) self->lanes_[index].drivers.erase(key);
      };
      driver = std::make_shared<MappingDriver>(context_, context_.lanes.lane(index), account, region, uuid, ended);
    }
    return driver;
  }

  ServiceContext context_;
  std::vector<LaneDrivers> lanes_;
};

}  // namespace

void start_event_sources(ServiceContext& context) {
  auto pollers = std::make_shared<EventSourcePollers>(context);
  context.ports.event_sources = pollers;
  context.dispatcher.read(service, service_caller("", "", "lambda.amazonaws.com"), {}, "", [pollers](Call& call) {
    scan_records<EventSourceMappingRecord>(call.txn, keys::every_mapping, [&](const EventSourceMappingRecord& mapping) {
      pollers->refresh(mapping.account, mapping.region, mapping.uuid);
      return true;
    });
  });
}

}  // namespace surgetank::lambda
