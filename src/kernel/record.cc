#include "kernel/record.h"

#include "base/text.h"
#include "wire/json.h"

namespace surgetank {

void put_record(Txn& txn, std::string_view key, const Shape& shape, const void* record) {
  std::string text;
  write_json(shape, record, text);
  txn.put(key, text);
}

bool get_record(Txn& txn, std::string_view key, const Shape& shape, void* record) {
  const auto text = txn.get(key);
  if (!text) return false;
  read_record(*text, key, shape, record);
  return true;
}

void read_record(std::string_view text, std::string_view key, const Shape& shape, void* record) {
  if (const auto read = read_json(text, shape, record); !read.ok())
    throw StorageError("damaged record " + percent_encode(key, "/") + " (" + std::string(shape.name) + "): " + read.error().message);
}

}  // namespace surgetank
