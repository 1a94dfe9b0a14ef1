#include "kernel/quotas.h"

#include <algorithm>
#include <functional>

#include "base/assert.h"

namespace surgetank {
namespace {

constexpr std::int64_t fastest = 1'000'000'000;  // tokens a second; faster is not told apart
constexpr std::size_t most_owners = 100'000;     // of one row; those whose buckets are full are forgotten when there are more

void raise_to(std::atomic<std::int64_t>& peak, std::int64_t value) {
  auto seen = peak.load(std::memory_order_relaxed);
  while (seen < value && !peak.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

// Owners are known by a hash: two that collide (one pair in 2^64) would share a bucket.
std::uint64_t hash_of(const Quotas::Owner& owner) {
  const std::hash<std::string_view> hash;
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15ULL;
  return (hash(owner.account) * spread ^ hash(owner.region)) * spread ^ hash(owner.resource);
}

}  // namespace

// What is counted of one row.
struct Quotas::Live {
  struct Window {
    Instant began;
    std::int64_t count = 0;
  };

  const QuotaRow* row = nullptr;
  std::atomic<std::int64_t> value{0};
  std::atomic<bool> is_set{false};
  std::atomic<std::int64_t> now{0};
  std::atomic<std::int64_t> peak{0};
  std::atomic<std::int64_t> rejections{0};

  std::mutex mutex;  // of what follows
  std::unordered_map<std::uint64_t, std::unique_ptr<TokenBucket>> buckets;
  std::unordered_map<std::uint64_t, Window> windows;
  std::int64_t second = 0;  // that `taken` is of
  std::int64_t taken = 0;
  std::int64_t taken_before = 0;  // in the second before

  TokenRate rate() const {
    const auto tokens = std::min(value.load(std::memory_order_relaxed), fastest);
    // A raised rate raises its burst with it; AWS does the same.
    const auto burst = row->burst == 0 || row->value == 0 ? tokens : std::max<std::int64_t>(1, row->burst * tokens / row->value);
    return {.tokens = tokens, .per = row->per, .burst = burst};
  }

  void count(Instant when, std::int64_t tokens) {
    const auto current = when.epoch_seconds();
    if (current != second) {
      taken_before = current == second + 1 ? taken : 0;
      second = current;
      taken = 0;
    }
    taken += tokens;
    raise_to(peak, taken);
  }

  std::int64_t last_second(Instant when) {
    const auto current = when.epoch_seconds();
    if (current == second) return taken_before;
    return current == second + 1 ? taken : 0;
  }

  void forget_idle(Instant when) {
    std::erase_if(buckets, [&](const auto& entry) { return entry.second->is_full(when); });
    std::erase_if(windows, [&](const auto& entry) { return entry.second.began + row->per < when; });
  }

  bool take_token(std::uint64_t owner, Instant when, std::int64_t tokens) {
    auto found = buckets.find(owner);
    if (found == buckets.end()) {
      if (buckets.size() >= most_owners) forget_idle(when);
      found = buckets.emplace(owner, std::make_unique<TokenBucket>(rate())).first;
    }
    return found->second->take(when, tokens);
  }

  bool take_of_window(std::uint64_t owner, Instant when, std::int64_t tokens) {
    if (windows.size() >= most_owners) forget_idle(when);
    auto& window = windows[owner];
    if (window.count == 0 || !(when < window.began + row->per)) window = {.began = when, .count = 0};
    if (window.count + tokens > value.load(std::memory_order_relaxed)) return false;
    window.count += tokens;
    return true;
  }
};

Quotas::Quotas(std::vector<std::span<const QuotaRow>> tables, QuotaProfile profile) : tables_(std::move(tables)), profile_(profile) {
  for (const auto& table : tables_) {
    auto& rows = live_.emplace_back(std::make_unique<Live[]>(table.size()));
    for (std::size_t i = 0; i < table.size(); ++i) {
      rows[i].row = &table[i];
      rows[i].value = of_profile(table[i]);
    }
  }
}

Quotas::~Quotas() = default;

Quotas::Live& Quotas::live(const QuotaRow& row) const {
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const auto& table = tables_[i];
    if (!std::less<>()(&row, table.data()) && std::less<>()(&row, table.data() + table.size()))
      return live_[i][static_cast<std::size_t>(&row - table.data())];
  }
  SURGE_ASSERT(false, "a quota that no table of the registry holds");
  return live_[0][0];
}

std::int64_t Quotas::of_profile(const QuotaRow& row) const {
  switch (profile_.load(std::memory_order_relaxed)) {
    case QuotaProfile::Aws:
      break;
    case QuotaProfile::AwsNewAccount:
      return row.new_account != 0 ? row.new_account : row.value;
    case QuotaProfile::None:
      // What formats and protocols demand stays; rates, concurrency and what AWS would raise on request go.
      if (row.algorithm != QuotaAlgorithm::Cap || row.adjustable == QuotaAdjustable::Yes) return unlimited;
      break;
  }
  return row.value;
}

void Quotas::apply(Live& live) {
  const std::lock_guard lock(live.mutex);
  const auto rate = live.rate();
  for (auto& [owner, bucket] : live.buckets) bucket->set_rate(rate);
}

std::int64_t Quotas::value(const QuotaRow& row) const { return live(row).value.load(std::memory_order_relaxed); }

bool Quotas::take(const QuotaRow& row, const Owner& owner, Instant now, std::int64_t tokens) {
  auto& counted = live(row);
  const auto limit = counted.value.load(std::memory_order_relaxed);
  const std::lock_guard lock(counted.mutex);
  const bool admitted =
      limit == unlimited || (limit > 0 && (row.algorithm == QuotaAlgorithm::Window ? counted.take_of_window(hash_of(owner), now, tokens)
                                                                                   : counted.take_token(hash_of(owner), now, tokens)));
  if (admitted) {
    counted.count(now, tokens);
  } else {
    counted.rejections.fetch_add(1, std::memory_order_relaxed);
  }
  return admitted;
}

bool Quotas::fits(const QuotaRow& row, std::int64_t amount) {
  auto& counted = live(row);
  if (amount > counted.value.load(std::memory_order_relaxed)) {
    counted.rejections.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  counted.now.store(amount, std::memory_order_relaxed);
  raise_to(counted.peak, amount);
  return true;
}

void Quotas::in_use(const QuotaRow& row, std::int64_t amount) {
  auto& counted = live(row);
  counted.now.store(amount, std::memory_order_relaxed);
  raise_to(counted.peak, amount);
}

void Quotas::rejected(const QuotaRow& row) { live(row).rejections.fetch_add(1, std::memory_order_relaxed); }

std::vector<Quotas::Use> Quotas::use(Instant now) const {
  std::vector<Use> all;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    for (std::size_t j = 0; j < tables_[i].size(); ++j) {
      auto& counted = live_[i][j];
      Use one{.row = counted.row,
              .value = counted.value.load(std::memory_order_relaxed),
              .is_set = counted.is_set.load(std::memory_order_relaxed),
              .now = counted.now.load(std::memory_order_relaxed),
              .peak = counted.peak.load(std::memory_order_relaxed),
              .rejections = counted.rejections.load(std::memory_order_relaxed)};
      if (counted.row->algorithm == QuotaAlgorithm::TokenBucket || counted.row->algorithm == QuotaAlgorithm::Window) {
        const std::lock_guard lock(counted.mutex);
        one.now = counted.last_second(now);
      }
      all.push_back(one);
    }
  }
  return all;
}

const QuotaRow* Quotas::find(std::string_view id) const {
  for (const auto& table : tables_)
    for (const auto& row : table)
      if (row.id == id) return &row;
  return nullptr;
}

void Quotas::set(const QuotaRow& row, std::int64_t value) {
  auto& counted = live(row);
  counted.value = value;
  counted.is_set = true;
  apply(counted);
}

void Quotas::reset(const QuotaRow& row) {
  auto& counted = live(row);
  counted.value = of_profile(row);
  counted.is_set = false;
  apply(counted);
}

void Quotas::use_profile(QuotaProfile profile) {
  profile_ = profile;
  for (const auto& table : tables_)
    for (const auto& row : table)
      if (!live(row).is_set) reset(row);
}

void Quotas::forget_use() {
  for (const auto& table : tables_) {
    for (const auto& row : table) {
      auto& counted = live(row);
      counted.peak = counted.now.load(std::memory_order_relaxed);
      counted.rejections = 0;
    }
  }
}

}  // namespace surgetank
