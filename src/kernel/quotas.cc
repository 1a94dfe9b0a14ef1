#include "kernel/quotas.h"

#include <algorithm>
#include <functional>

#include "base/assert.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/operation.h"

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

constexpr std::string_view profile_names[] = {"aws", "aws-new-account", "none"};

}  // namespace

std::string_view name_of(QuotaProfile profile) { return profile_names[static_cast<std::size_t>(profile)]; }

std::optional<QuotaProfile> quota_profile(std::string_view name) {
  for (std::size_t i = 0; i < std::size(profile_names); ++i)
    if (profile_names[i] == name) return static_cast<QuotaProfile>(i);
  return std::nullopt;
}

std::int64_t value_in(const QuotaRow& row, std::string_view region) {
  for (const auto& regional : row.regional) {
    const auto named = split(regional.regions, ' ');
    if (regional.regions == "*" || std::find(named.begin(), named.end(), region) != named.end()) return regional.value;
  }
  return row.value;
}

std::vector<std::span<const QuotaRow>> quota_tables(std::span<const Service* const> services) {
  std::vector<std::span<const QuotaRow>> tables;
  for (const auto* service : services)
    if (!service->quotas.empty()) tables.push_back(service->quotas);
  return tables;
}

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

  std::atomic<std::int64_t> noted_second{0};  // of the last note_refusal

  std::mutex mutex;  // of what follows
  std::unordered_map<std::uint64_t, std::unique_ptr<TokenBucket>> buckets;
  std::unordered_map<std::uint64_t, Window> windows;
  std::unordered_map<std::uint64_t, std::shared_ptr<Count>> counts;
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

  TokenBucket& bucket(std::uint64_t owner, const TokenRate& its_rate, Instant when) {
    auto found = buckets.find(owner);
    if (found == buckets.end()) {
      if (buckets.size() >= most_owners) forget_idle(when);
      found = buckets.emplace(owner, std::make_unique<TokenBucket>(its_rate)).first;
    }
    return *found->second;
  }

  bool take_token(std::uint64_t owner, Instant when, std::int64_t tokens) { return bucket(owner, rate(), when).take(when, tokens); }

  bool take_of_window(std::uint64_t owner, Instant when, std::int64_t tokens) {
    if (windows.size() >= most_owners) forget_idle(when);
    auto& window = windows[owner];
    if (window.count == 0 || !(when < window.began + row->per)) window = {.began = when, .count = 0};
    if (window.count + tokens > value.load(std::memory_order_relaxed)) return false;
    window.count += tokens;
    return true;
  }
};

Quotas::Quotas(std::vector<std::span<const QuotaRow>> tables, QuotaDefaults defaults)
    : tables_(std::move(tables)),
      origin_(defaults.origin),
      region_(std::move(defaults.region)),
      profile_(defaults.profile),
      defaults_(std::move(defaults.values)) {
  for (const auto& table : tables_) {
    auto& rows = live_.emplace_back(std::make_unique<Live[]>(table.size()));
    for (std::size_t i = 0; i < table.size(); ++i) {
      rows[i].row = &table[i];
      rows[i].value = of_profile(table[i]);
      SURGE_ASSERT(find(table[i].id) == &table[i], "two quotas of one id");
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
  return live_.front()[0];
}

std::int64_t Quotas::of_profile(const QuotaRow& row) const {
  {
    const std::lock_guard lock(defaults_mutex_);
    if (const auto own = defaults_.find(row.id); own != defaults_.end()) return own->second;
  }
  return profile_value(row);
}

std::int64_t Quotas::profile_value(const QuotaRow& row) const {
  switch (profile_.load(std::memory_order_relaxed)) {
    case QuotaProfile::Aws:
      break;
    case QuotaProfile::AwsNewAccount:
      return row.new_account != 0 ? row.new_account : aws_value(row);
    case QuotaProfile::None:
      // What formats and protocols demand stays; rates, concurrency and what AWS would raise on request go.
      if (row.algorithm != QuotaAlgorithm::Cap || row.adjustable == QuotaAdjustable::Yes) return unlimited;
      break;
  }
  return aws_value(row);
}

void Quotas::apply(Live& live) {
  const std::lock_guard lock(live.mutex);
  if (live.row->value == unlimited) return;  // every bucket has the rate of its owner's settings
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

bool Quotas::take(const QuotaRow& row, const Owner& owner, TokenRate rate, Instant now) {
  auto& counted = live(row);
  if (counted.value.load(std::memory_order_relaxed) == 0) rate.tokens = 0;
  const std::lock_guard lock(counted.mutex);
  bool admitted = false;
  if (rate.tokens > 0 && rate.burst > 0) {
    auto& bucket = counted.bucket(hash_of(owner), rate, now);
    bucket.set_rate(rate);
    admitted = bucket.take(now);
  }
  if (admitted) {
    counted.count(now, 1);
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

std::shared_ptr<Quotas::Count> Quotas::count_of(const QuotaRow& row, const Owner& owner) {
  auto& counted = live(row);
  const std::lock_guard lock(counted.mutex);
  auto& count = counted.counts[hash_of(owner)];
  if (count == nullptr) count = std::make_shared<Count>();
  return count;
}

void Quotas::forget_counts() {
  for (const auto& table : tables_) {
    for (const auto& row : table) {
      auto& counted = live(row);
      const std::lock_guard lock(counted.mutex);
      counted.counts.clear();
    }
  }
}

Error Quotas::error(const QuotaRow& row, std::int64_t value, std::int64_t amount) {
  Error error{row.error, std::string(row.message)};
  if (row.message.find('{') != std::string_view::npos) {
    error.message = replace_all(std::move(error.message), "{value}", std::to_string(value));
    error.message = replace_all(std::move(error.message), "{amount}", std::to_string(amount));
  }
  for (const auto& member : row.members) error.members.emplace_back(member.name, member.value);
  error.quota = &row;
  return error;
}

void Quotas::note_refusal(const QuotaRow& row, Instant now) {
  auto& counted = live(row);
  const auto second = now.epoch_seconds();
  auto noted = counted.noted_second.load(std::memory_order_relaxed);
  if (noted == second || !counted.noted_second.compare_exchange_strong(noted, second, std::memory_order_relaxed)) return;
  const auto value = counted.value.load(std::memory_order_relaxed);
  log_line(LogLevel::Warning, "quotas",
           "refused by quota " + std::string(row.id) + " (" + std::string(row.name) + ", " + std::to_string(value) + " " +
               std::string(row.unit) + "), " + std::to_string(counted.rejections.load(std::memory_order_relaxed)) +
               " times so far; raise it: surgetank quotas set " + std::string(row.id) + " " +
               std::to_string(value > 0 && value <= unlimited / 2 ? value * 2 : 1));
}

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
        one.now = std::max(one.now, counted.last_second(now));
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

bool Quotas::is_set(const QuotaRow& row) const { return live(row).is_set.load(std::memory_order_relaxed); }

void Quotas::reset(const QuotaRow& row) {
  auto& counted = live(row);
  counted.value = of_profile(row);
  counted.is_set = false;
  apply(counted);
}

void Quotas::use_profile(QuotaProfile profile) {
  profile_ = profile;
  {
    const std::lock_guard lock(defaults_mutex_);
    defaults_.clear();
  }
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

std::int64_t quota_value(const Quotas* quotas, const QuotaRow& row) {
  if (quotas != nullptr) return quotas->value(row);
  return row.algorithm == QuotaAlgorithm::Cap ? row.value : Quotas::unlimited;
}

Result<Unit> check_quota(Quotas* quotas, const QuotaRow& row, std::int64_t amount) {
  if (quotas != nullptr ? quotas->fits(row, amount) : amount <= quota_value(quotas, row)) return Unit{};
  return Quotas::error(row, quota_value(quotas, row), amount);
}

Result<Unit> naming_quotas(Quotas* quotas, std::initializer_list<QuotaAmount> amounts, Result<Unit> checked) {
  for (const auto& [row, amount] : amounts) {
    if (!amount || check_quota(quotas, row, *amount).ok() || checked.ok()) continue;
    if (checked.error().quota == nullptr) checked.error().quota = &row;
  }
  return checked;
}

Result<Unit> take_quota(Quotas* quotas, const QuotaRow& row, const Quotas::Owner& owner, Instant now, std::int64_t tokens) {
  if (quotas == nullptr || quotas->take(row, owner, now, tokens)) return Unit{};
  return Quotas::error(row, quotas->value(row), tokens);
}

}  // namespace surgetank
