#pragma once
// What AWS charges, from prices.json, which is part of the binary: list prices of us-east-1, each with the date and place where it was
// seen. Constant after first use; any thread. Advice and prediction give money as "about": the table says which prices were not verified.
#include <optional>
#include <string_view>

#include "shape/shape.h"

namespace surgetank::windtunnel {

struct Price {
  String id;           // "lambda.gb-second"
  double dollars = 0;  // for one `per`
  String per;
  String seen;    // date of the source; empty: not verified
  String source;  // empty: from memory
  bool verified = false;
};
SURGE_SHAPE(Price, id, dollars, per, seen, source, verified)
struct PriceTable {
  String region;
  String currency;
  String date;  // of the table
  String note;
  List<Price> prices;
};
SURGE_SHAPE(PriceTable, region, currency, date, note, prices)

const PriceTable& price_table();
const Price* find_price(std::string_view id);
// Dollars for one; 0 if the table has no such price.
double price_of(std::string_view id);
// Dollars an hour of a database instance class; nullopt if the table does not have it.
std::optional<double> database_hour(std::string_view instance_class);
// Of one invocation on x86: the request and its GB-seconds.
double invocation_dollars(Integer memory_megabytes, double duration_milliseconds);

}  // namespace surgetank::windtunnel
