#pragma once
// Secrets Manager against a plain map: an acknowledged value is what is read afterwards, whatever crashed in between; an unacknowledged
// one is read either as it was before or after, and from then on always the same.
#include <map>
#include <set>
#include <string>

#include "sim/workload.h"

namespace surgetank::sim {

class SecretsWorkload final : public Workload {
 public:
  std::vector<const Service*> services() const override;
  void step(World& world) override;
  void crashed() override;
  void verify(World& world) override;
  std::optional<std::string> failure() const override { return failure_; }

 private:
  // What may be stored under a name; "" stands for "there is no such secret".
  struct Expected {
    std::set<std::string> possible = {""};
    std::string written;  // by the operation under way
    bool under_way = false;
  };
  void write(World& world, const std::string& name, Expected& expected);
  void remove(World& world, const std::string& name, Expected& expected);
  void read(World& world, const std::string& name, Expected& expected);
  void answered(const std::string& name, const std::string& value);
  void fail(const std::string& name, const std::string& what);

  std::map<std::string, Expected> model_;
  std::uint64_t next_value_ = 1;
  std::uint64_t life_ = 0;  // answers of before a crash are not ours to hear any more
  std::optional<std::string> failure_;
};

}  // namespace surgetank::sim
