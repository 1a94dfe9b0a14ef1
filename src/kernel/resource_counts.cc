#include "kernel/resource_counts.h"

#include <utility>

#include "kernel/ports.h"
#include "kernel/quotas.h"

namespace surgetank {
namespace {

using Count = Quotas::Count;

// A change of a count that is taken back unless its operation has committed.
class Change {
 public:
  Change(std::shared_ptr<Count> count, std::int64_t amount) : count_(std::move(count)), amount_(amount) {}
  Change(Change&&) = default;
  Change& operator=(Change&&) = delete;
  ~Change() {
    if (count_ == nullptr) return;
    const std::lock_guard lock(count_->mutex);
    if (count_->amount) *count_->amount -= amount_;
  }
  void keep() { count_ = nullptr; }

 private:
  std::shared_ptr<Count> count_;
  std::int64_t amount_;
};

// Nothing has been counted yet, so nobody has committed a change since the start either: what this transaction sees is right.
std::int64_t scanned(Call& call, std::string_view prefix) {
  std::int64_t amount = 0;
  call.txn.scan(prefix, prefix_end(prefix), [&amount](std::string_view, std::string_view) {
    ++amount;
    return true;
  });
  return amount;
}

void change(Call& call, std::shared_ptr<Count> count, std::int64_t amount) {
  *count->amount += amount;
  call.after_commit([undo = Change(std::move(count), amount)]() mutable { undo.keep(); });
}

}  // namespace

Result<Unit> count_created(Call& call, const QuotaRow& row, std::string_view prefix) {
  if (call.ports.quotas == nullptr) return Unit{};
  auto count = call.ports.quotas->count_of(row, {.account = call.account(), .region = call.region()});
  const std::lock_guard lock(count->mutex);
  if (!count->amount) count->amount = scanned(call, prefix);
  SURGE_CHECK(check_quota(call.ports.quotas, row, *count->amount + 1));
  change(call, count, 1);
  return Unit{};
}

void count_deleted(Call& call, const QuotaRow& row, std::string_view prefix) {
  if (call.ports.quotas == nullptr) return;
  auto count = call.ports.quotas->count_of(row, {.account = call.account(), .region = call.region()});
  const std::lock_guard lock(count->mutex);
  if (!count->amount) count->amount = scanned(call, prefix);
  change(call, count, -1);
  call.ports.quotas->in_use(row, *count->amount);
}

}  // namespace surgetank
