#pragma once
// Internal to wire/: one scalar as plain text, for queries, forms, headers, labels and XML. Pure; any thread.
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "shape/shape.h"

namespace surgetank::wire {

// Reads `text` into a String, Blob, Integer, Double, Boolean, Timestamp or Document at `slot`.
// False if it does not convert (the kinds that have no text, too), and for a String that is not UTF-8.
bool read_scalar_text(std::string_view text, const Type& type, void* slot);
// What the reader wanted, for an error's text: "Integer", "Timestamp".
std::string_view kind_name(Type::Kind kind);

// Appends the text of a scalar. ByProtocol means ISO 8601 here.
void append_scalar_text(std::string& out, const Type& type, const void* slot, TimestampForm form = TimestampForm::ByProtocol);

// "NaN", "Infinity", "-Infinity" or a finite decimal number.
std::optional<double> parse_number_text(std::string_view text);
// nullopt if no Instant can hold it.
std::optional<Instant> instant_of_epoch_seconds(double seconds);
// The double that is this integer exactly, if it is one that fits.
std::optional<std::int64_t> integer_of_double(double value);
// ISO 8601, with milliseconds only if there are any.
std::string iso8601_text(Instant t);
// "NaN", "Infinity", "-Infinity"; only for values that are not finite.
std::string_view non_finite_text(double value);

}  // namespace surgetank::wire
