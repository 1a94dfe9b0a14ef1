#include "storage/blob_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/text.h"
#include "storage/store.h"

namespace surgetank {
namespace {

class BlobStoreTest : public testing::Test {
 protected:
  BlobStoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "surgetank-blobs-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
  }
  ~BlobStoreTest() override { std::filesystem::remove_all(root); }
  BlobStoreOptions options() const {
    BlobStoreOptions options;
    options.directory = root + "/blobs";
    options.most_bytes = 1 << 20;
    return options;
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) count += entry.is_regular_file();
    return count;
  }

  std::string root;
};

TEST_F(BlobStoreTest, ABlobIsNamedByTheSha256OfItsBytes) {
  BlobStore blobs(options());
  const auto id = blobs.put("abc");
  EXPECT_EQ(id.text(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(blobs.get(id), "abc");
  EXPECT_EQ(blobs.path(id), root + "/blobs/ba/" + id.text());
}

TEST_F(BlobStoreTest, AnyBytesAreKeptAlsoAfterReopening) {
  const std::string bytes("\0\xff\n", 3);
  const auto id = BlobStore(options()).put(bytes);
  const auto empty = BlobStore(options()).put("");
  BlobStore blobs(options());
  EXPECT_EQ(blobs.get(id), bytes);
  EXPECT_EQ(blobs.get(empty), "");
}

TEST_F(BlobStoreTest, PuttingTheSameBytesAgainStoresThemOnce) {
  BlobStore blobs(options());
  const auto id = blobs.put("abc");
  EXPECT_EQ(blobs.put("abc"), id);
  EXPECT_EQ(files(), 1u);
}

TEST_F(BlobStoreTest, WhatIsNotThereIsNoFault) {
  BlobStore blobs(options());
  const auto id = BlobId::of("never stored");
  EXPECT_FALSE(blobs.exists(id));
  EXPECT_EQ(blobs.get(id), std::nullopt);
  blobs.erase(id);
}

TEST_F(BlobStoreTest, AnErasedBlobIsGone) {
  BlobStore blobs(options());
  const auto id = blobs.put("abc");
  EXPECT_TRUE(blobs.exists(id));
  blobs.erase(id);
  EXPECT_FALSE(blobs.exists(id));
  EXPECT_EQ(files(), 0u);
}

TEST_F(BlobStoreTest, OnlySixtyFourLowerCaseHexDigitsAreAnId) {
  EXPECT_TRUE(BlobId::parse(std::string(64, 'a')));
  for (const auto& text : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'), std::string(64, 'g'),
                           "../../../etc/passwd" + std::string(45, 'a'), std::string(63, 'a') + "/"}) {
    EXPECT_FALSE(BlobId::parse(text)) << text;
  }
}

TEST_F(BlobStoreTest, ABlobAboveTheLimitIsRefused) {
  BlobStore blobs(options());
  EXPECT_NO_THROW(blobs.put(std::string(1 << 20, 'x')));
  EXPECT_THROW(blobs.put(std::string((1 << 20) + 1, 'x')), StorageError);
}

TEST_F(BlobStoreTest, DamagedBytesAreNeverServed) {
  BlobStore blobs(options());
  const auto id = blobs.put("abcdef");
  std::fstream(blobs.path(id), std::ios::in | std::ios::out) << "X";
  EXPECT_THROW(blobs.get(id), StorageError);
  std::filesystem::resize_file(blobs.path(id), 3);
  EXPECT_THROW(blobs.get(id), StorageError);
  EXPECT_EQ(blobs.get(blobs.put("abcdef")), "abcdef") << "putting it again heals it";
}

TEST_F(BlobStoreTest, LeftoversOfACrashAreRemovedAtTheNextStart) {
  BlobStore(options()).put("abc");
  std::ofstream(root + "/blobs/new/123-4") << "half a blo";
  BlobStore blobs(options());
  EXPECT_EQ(files(), 1u);
}

TEST_F(BlobStoreTest, ManyThreadsMayPutTheSameAndDifferentBlobs) {
  BlobStore blobs(options());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) EXPECT_EQ(blobs.get(blobs.put("blob " + std::to_string(i))), "blob " + std::to_string(i));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(files(), 20u);
}

// Fails the n-th step, once or from then on.
class FailingOperations final : public FileOperations {
 public:
  FailingOperations(int number, int error, bool for_ever) : fail_at_(number), error_(error), for_ever_(for_ever) {}
  int create(const std::string& path) override { return fails() ? -1 : FileOperations::create(path); }
  ssize_t write(int file, const char* bytes, std::size_t size) override {
    const auto part = std::min<std::size_t>(size, 4096);  // every write is a short one
    if (!fails()) return FileOperations::write(file, bytes, part);
    FileOperations::write(file, bytes, part / 2);
    errno = error_;
    return -1;
  }
  int sync(int file) override { return fails() ? -1 : FileOperations::sync(file); }
  int rename(const std::string& from, const std::string& to) override { return fails() ? -1 : FileOperations::rename(from, to); }
  int sync_directory(const std::string& path) override { return fails() ? -1 : FileOperations::sync_directory(path); }
  int remove(const std::string& path) override { return fails() ? -1 : FileOperations::remove(path); }
  bool happened() const { return happened_; }

 private:
  bool fails() {
    const bool now = ++count_ == fail_at_ || (for_ever_ && count_ > fail_at_);
    happened_ = happened_ || now;
    if (now) errno = error_;
    return now;
  }
  const int fail_at_;
  const int error_;
  const bool for_ever_;
  int count_ = 0;
  bool happened_ = false;
};

TEST_F(BlobStoreTest, WhicheverStepFailsTheBlobIsWholeOrNotThereAndCanBePutAgain) {
  const std::string bytes(20'000, 'x');
  for (const int error : {EIO, ENOSPC}) {
    for (const bool for_ever : {false, true}) {
      bool clean = false;
      for (int number = 1; !clean; ++number) {
        ASSERT_LT(number, 100);
        std::filesystem::remove_all(root + "/blobs");
        FailingOperations failing(number, error, for_ever);
        auto with = options();
        with.file_operations = &failing;
        bool put = false;
        try {
          BlobStore(with).put(bytes);
          put = true;
        } catch (const StorageError&) {
        }
        clean = !failing.happened();
        EXPECT_EQ(put, clean) << "step " << number;
        BlobStore again(options());
        const auto found = again.get(BlobId::of(bytes));
        EXPECT_TRUE(!found || *found == bytes);
        EXPECT_EQ(again.get(again.put(bytes)), bytes);
        EXPECT_EQ(files(), 1u) << "nothing is left over";
      }
    }
  }
}

}  // namespace
}  // namespace surgetank
