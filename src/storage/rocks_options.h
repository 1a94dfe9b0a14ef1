#pragma once
// How RocksDB is set up for a server on a laptop: quick to open, small when idle, checked everywhere. Internal to rocks_store.
#include <rocksdb/options.h>

#include <functional>
#include <string>

#include "storage/rocks_store.h"

namespace surgetank {

// `on_background_error` may be called from RocksDB's own threads, at any time until the database is closed.
rocksdb::Options rocks_options(const RocksStoreOptions& options, rocksdb::Env* env,
                               std::function<void(const std::string&)> on_background_error);

}  // namespace surgetank
