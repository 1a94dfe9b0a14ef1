#pragma once
// Stored records are described structs, kept as JSON: readable with any tool, and members may be added without a migration.
// A record that does not parse is damage: StorageError.
#include <optional>
#include <string>
#include <string_view>

#include "shape/shape.h"
#include "storage/store.h"

namespace surgetank {

void put_record(Txn& txn, std::string_view key, const Shape& shape, const void* record);
bool get_record(Txn& txn, std::string_view key, const Shape& shape, void* record);
void read_record(std::string_view text, std::string_view key, const Shape& shape, void* record);

template <class T>
void put_record(Txn& txn, std::string_view key, const T& record) {
  put_record(txn, key, *shape_of<T>(), &record);
}
template <class T>
std::optional<T> get_record(Txn& txn, std::string_view key) {
  T record;
  if (!get_record(txn, key, *shape_of<T>(), &record)) return std::nullopt;
  return record;
}
// Visits all records whose key starts with `prefix`, in key order, until `visit` returns false.
template <class T, class Visit>
void scan_records(Txn& txn, std::string_view prefix, Visit visit) {
  txn.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    T record;
    read_record(value, key, *shape_of<T>(), &record);
    return visit(std::move(record));
  });
}

}  // namespace surgetank
