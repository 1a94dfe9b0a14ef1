#include "windtunnel/recording/prices.h"

#include "base/assert.h"
#include "wire/json.h"

// prices.json, as CMakeLists.txt embeds it.
extern "C" const char surge_prices_json[];
extern "C" const char surge_prices_json_end[];

namespace surgetank::windtunnel {

const PriceTable& price_table() {
  static const PriceTable table = [] {
    PriceTable read;
    const auto result = read_json(std::string_view(surge_prices_json, surge_prices_json_end), PriceTable_shape, &read);
    SURGE_ASSERT(result.ok(), "prices.json is a price table");
    return read;
  }();
  return table;
}

const Price* find_price(std::string_view id) {
  for (const auto& price : price_table().prices)
    if (price.id == id) return &price;
  return nullptr;
}

double price_of(std::string_view id) {
  const auto* price = find_price(id);
  return price == nullptr ? 0 : price->dollars;
}

std::optional<double> database_hour(std::string_view instance_class) {
  const auto* price = find_price("rds.hour." + std::string(instance_class));
  if (price == nullptr) return std::nullopt;
  return price->dollars;
}

double invocation_dollars(Integer memory_megabytes, double duration_milliseconds) {
  return price_of("lambda.request") +
         price_of("lambda.gb-second") * static_cast<double>(memory_megabytes) / 1024.0 * duration_milliseconds / 1000.0;
}

}  // namespace surgetank::windtunnel
