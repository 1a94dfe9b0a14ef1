#include "storage/zip.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "storage/store.h"

namespace surgetank {
namespace {

namespace fs = std::filesystem;

constexpr const char* cannot_unzip = "Could not unzip uploaded file. Please check your file, then try to upload again.";

std::string number(std::uint64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

std::string deflate_raw(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

// An entry as an attacker may write it: everything can be a lie.
struct Entry {
  explicit Entry(std::string entry_name, std::string entry_data = "", unsigned entry_mode = S_IFREG | 0644)
      : name(std::move(entry_name)), local_name(name), data(std::move(entry_data)), mode(entry_mode) {
    packed = data;
    unpacked_size = local_unpacked_size = data.size();
    packed_size = local_packed_size = packed.size();
    checksum = local_checksum = static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()));
  }
  Entry& deflated() {
    method = local_method = 8;
    packed = deflate_raw(data);
    packed_size = local_packed_size = packed.size();
    return *this;
  }
  Entry& with(const std::function<void(Entry&)>& change) {
    change(*this);
    return *this;
  }

  std::string name;
  std::string local_name;
  std::string data;
  std::string packed;
  std::string extra = {};
  unsigned mode;
  unsigned host = 3;
  unsigned method = 0;
  unsigned local_method = 0;
  unsigned flags = 0;
  unsigned local_flags = 0;
  std::uint32_t checksum;
  std::uint32_t local_checksum;
  std::uint64_t packed_size;
  std::uint64_t unpacked_size;
  std::uint64_t local_packed_size;
  std::uint64_t local_unpacked_size;
  std::optional<std::uint64_t> offset = {};
  std::string after = {};  // between this entry's data and the next
};

Entry link(const std::string& name, const std::string& to) { return Entry(name, to, S_IFLNK | 0777); }

struct Archive {
  std::string bytes;
  std::string central;
  std::size_t count = 0;

  void add(const Entry& entry) {
    const auto offset = entry.offset.value_or(bytes.size());
    bytes += number(0x04034b50, 4) + number(20, 2) + number(entry.local_flags, 2) + number(entry.local_method, 2) + number(0, 4) +
             number(entry.local_checksum, 4) + number(entry.local_packed_size, 4) + number(entry.local_unpacked_size, 4) +
             number(entry.local_name.size(), 2) + number(0, 2) + entry.local_name + entry.packed + entry.after;
    central += number(0x02014b50, 4) + number(entry.host << 8 | 20, 2) + number(20, 2) + number(entry.flags, 2) + number(entry.method, 2) +
               number(0, 4) + number(entry.checksum, 4) + number(entry.packed_size, 4) + number(entry.unpacked_size, 4) +
               number(entry.name.size(), 2) + number(entry.extra.size(), 2) + number(0, 6) + number(std::uint64_t{entry.mode} << 16, 4) +
               number(offset, 4) + entry.name + entry.extra;
    ++count;
  }
  std::string finish(const std::string& comment = "") const {
    return bytes + central + number(0x06054b50, 4) + number(0, 4) + number(count, 2) + number(count, 2) + number(central.size(), 4) +
           number(bytes.size(), 4) + number(comment.size(), 2) + comment;
  }
};

std::string zip(const std::vector<Entry>& entries) {
  Archive archive;
  for (const auto& entry : entries) archive.add(entry);
  return archive.finish();
}

class ZipTest : public testing::Test {
 protected:
  ZipTest() {
    set_log_level(LogLevel::Error);
    std::string pattern = (fs::temp_directory_path() / "surgetank-zip-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    fs::create_directory(root + "/outside");
    target = root + "/packages/one";
  }
  ~ZipTest() override {
    fs::remove_all(root);
    set_log_level(LogLevel::Info);
  }

  // "" if it was unpacked, else the error's message.
  std::string unpack(const std::string& archive, const ZipLimits& limits = {}) {
    fs::remove_all(target);
    const auto result = unpack_zip(archive, target, limits, Unpacked::Cache);
    if (result.ok()) return "";
    EXPECT_EQ(result.error().code->name, "InvalidParameterValueException");
    EXPECT_EQ(result.error().code->http_status, 400);
    EXPECT_FALSE(fs::exists(target)) << "all or nothing";
    return result.error().message;
  }
  // `reason` is what the log says: the client is told the same whatever it is.
  void expect_refused(const std::vector<Entry>& entries, const std::string& reason) { expect_refused(zip(entries), reason); }
  void expect_refused(const std::string& archive, const std::string& reason) {
    set_log_level(LogLevel::Info);
    testing::internal::CaptureStderr();
    const auto message = unpack(archive);
    const auto logged = testing::internal::GetCapturedStderr();
    set_log_level(LogLevel::Error);
    EXPECT_EQ(message, cannot_unzip) << reason;
    EXPECT_TRUE(contains(logged, reason)) << reason << " / " << logged;
    expect_nothing_outside();
  }
  void expect_nothing_outside() {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      const auto path = entry.path().string();
      EXPECT_TRUE(path == root + "/outside" || path == root + "/packages" || path.starts_with(target)) << path;
    }
  }
  std::string contents(const std::string& name) {
    std::ifstream file(target + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string root;
  std::string target;
};

TEST_F(ZipTest, FilesDirectoriesAndExecutableBitsAreUnpacked) {
  const std::string large(300'000, 'x');
  EXPECT_EQ(unpack(zip({Entry("bootstrap", "#!/bin/sh\n", S_IFREG | 0755), Entry("lib/deep/er/large.txt", large).deflated(),
                        Entry("empty/", "", S_IFDIR | 0700), Entry("secret", "s", S_IFREG | 04400)})),
            "");
  EXPECT_EQ(contents("bootstrap"), "#!/bin/sh\n");
  EXPECT_TRUE(contents("lib/deep/er/large.txt") == large);
  EXPECT_TRUE(fs::is_directory(target + "/empty"));
  const auto mode = [&](const std::string& name) { return static_cast<unsigned>(fs::status(target + name).permissions()); };
  EXPECT_EQ(mode("/bootstrap"), 0755u);
  EXPECT_EQ(mode("/lib/deep/er/large.txt"), 0644u);
  EXPECT_EQ(mode("/secret"), 0644u) << "no set-user-id, and readable by the function";
  EXPECT_EQ(mode("/empty"), 0755u);
  EXPECT_EQ(mode("/lib/deep"), 0755u);
  EXPECT_EQ(mode(""), 0755u);
}

TEST_F(ZipTest, TheSummaryCountsFilesAndBytes) {
  const auto archive = zip({Entry("a", "123"), Entry("d/"), Entry("d/b", "4567").deflated(), link("l", "a")});
  const auto inspected = inspect_zip(archive, {});
  ASSERT_TRUE(inspected.ok());
  EXPECT_EQ(inspected->files, 3u);
  EXPECT_EQ(inspected->bytes, 8u);
  const auto unpacked = unpack_zip(archive, target, {}, Unpacked::Synced);
  ASSERT_TRUE(unpacked.ok());
  EXPECT_EQ(unpacked->files, 3u);
}

TEST_F(ZipTest, HarmlessOddNamesAreAccepted) {
  EXPECT_EQ(unpack(zip({Entry("./", "", S_IFDIR | 0755), Entry("./a//b", "1"), Entry("c..d", "2"), Entry("...", "3"), Entry("e/./f", "4"),
                        Entry("ü \n", "5"), Entry("A", "6"), Entry("cc:x", "7")})),
            "");
  EXPECT_EQ(contents("a/b"), "1");
  EXPECT_EQ(contents("c..d"), "2");
  EXPECT_EQ(contents("..."), "3");
  EXPECT_EQ(contents("e/f"), "4");
  EXPECT_EQ(contents("ü \n"), "5");
}

TEST_F(ZipTest, NamesThatLeadOutAreRefused) {
  const std::string with_nul("a\0b", 3);
  const std::string deep = [] {
    std::string name;
    for (int i = 0; i < 65; ++i) name += "d/";
    return name + "f";
  }();
  for (const auto& name : {std::string("../outside/x"), std::string("a/../../outside/x"), std::string(".."), std::string("a/.."),
                           std::string("/etc/x"), std::string("//x"), std::string("C:/x"), std::string("c:x"), std::string("a\\..\\x"),
                           std::string("\\\\host\\x"), with_nul, std::string(), std::string("."), std::string(256, 'n'), deep}) {
    expect_refused({Entry("ok", "1"), Entry(name, "2")}, "unsafe name");
  }
}

TEST_F(ZipTest, LinksInsideThePackageAreKept) {
  EXPECT_EQ(unpack(zip({Entry("node_modules/x/cli.js", "code"), link("node_modules/.bin/x", "../x/cli.js"), link("dangling", "not/there"),
                        link("dir", "node_modules"), link("over", "dir/x/../x/cli.js"), link("top", "node_modules/..")})),
            "");
  EXPECT_EQ(contents("node_modules/.bin/x"), "code");
  EXPECT_EQ(contents("over"), "code");
  EXPECT_EQ(fs::read_symlink(target + "/dangling"), "not/there");
}

TEST_F(ZipTest, LinksThatLeadOutAreRefused) {
  expect_refused({link("l", "../outside")}, "a link that leads out of the package: l");
  expect_refused({link("l", "/etc/passwd")}, "a link that leads out of the package: l");
  expect_refused({link("d/l", "../../outside")}, "a link that leads out of the package: d/l");
  expect_refused({link("l", "a/../../outside")}, "a link that leads out of the package: l");
  expect_refused({link("x/y/z/up", "../../.."), link("l", "x/y/z/up/../outside")}, "a link that leads out of the package: l");
  expect_refused({link("a", "b"), link("b", "c"), link("c", "../outside")}, "a link that leads out of the package: a");
  expect_refused({link("a", "b"), link("b", "a")}, "a link that leads out of the package: a");
  expect_refused({link("l", "")}, "a link of impossible length: l");
  expect_refused({link("l", std::string("a\0b", 3))}, "a link with NUL: l");
  expect_refused({link("l", std::string(5000, 'a'))}, "a link of impossible length: l");
}

TEST_F(ZipTest, NothingIsWrittenThroughALink) {
  expect_refused({link("d", "inside"), Entry("inside/"), Entry("d/x", "2")}, "an entry below one that is no directory: d/x");
  expect_refused({Entry("d/x", "2"), link("d", "inside")}, "an entry below one that is no directory: d/x");
  expect_refused({link("f", "other"), Entry("f", "2")}, "twice the same name: f");
  expect_refused({link("d", "inside"), Entry("d/", "", S_IFDIR | 0755)}, "twice the same name: d");
}

TEST_F(ZipTest, TwoEntriesForOneNameAreRefused) {
  expect_refused({Entry("a", "1"), Entry("a", "2")}, "twice the same name: a");
  expect_refused({Entry("a", "1"), Entry("./a", "2")}, "twice the same name: a");
  expect_refused({Entry("a", "1"), Entry("a/b", "2")}, "an entry below one that is no directory: a/b");
  expect_refused({Entry("a/", ""), Entry("a", "2")}, "twice the same name: a");
  expect_refused({Entry("a", "1"), Entry("a.b", "1"), Entry("a/b", "2")}, "an entry below one that is no directory: a/b");
  EXPECT_EQ(unpack(zip({Entry("a/", ""), Entry("a/", ""), Entry("a/b", "2")})), "") << "directories may be named twice";
}

TEST_F(ZipTest, SpecialFilesAreRefused) {
  for (const unsigned type : std::initializer_list<unsigned>{S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK})
    expect_refused({Entry("x", "", type | 0644)}, "a special file: x");
  expect_refused({Entry("x/", "", S_IFLNK | 0777)}, "a special file: x/");
  expect_refused({Entry("x/", "data", S_IFDIR | 0755)}, "a directory with contents: x");
}

TEST_F(ZipTest, EncryptedAndUnknownMethodsAreRefused) {
  expect_refused({Entry("x", "1").with([](Entry& entry) { entry.flags = 1; })}, "encrypted: x");
  expect_refused({Entry("x", "1").with([](Entry& entry) { entry.local_flags = 1; })}, "the local header differs: x");
  expect_refused({Entry("x", "1").with([](Entry& entry) { entry.flags = 0x2000; })}, "encrypted: x");
  for (const unsigned method : {1u, 9u, 12u, 14u, 99u}) {
    expect_refused({Entry("x", "1").with([&](Entry& entry) { entry.method = entry.local_method = method; })},
                   "compression method " + std::to_string(method));
  }
}

TEST_F(ZipTest, LocalHeadersThatSayOtherwiseAreRefused) {
  expect_refused({Entry("x", "12").with([](Entry& entry) { entry.local_name = "y"; })}, "two names for one entry: x");
  expect_refused({Entry("x", "12").with([](Entry& entry) { entry.local_method = 8; })}, "the local header differs: x");
  expect_refused({Entry("x", "12").with([](Entry& entry) { entry.local_unpacked_size = 1; })}, "the local header declares other sizes: x");
  expect_refused({Entry("x", "12").with([](Entry& entry) { entry.local_packed_size = 1; })}, "the local header declares other sizes: x");
  expect_refused({Entry("x", "12").with([](Entry& entry) { entry.local_checksum = 7; })}, "the local header declares other sizes: x");
  EXPECT_EQ(unpack(zip({Entry("x", "12").with([](Entry& entry) {
              entry.flags = entry.local_flags = 8;
              entry.local_checksum = 0;
              entry.local_packed_size = entry.local_unpacked_size = 0;
              entry.after = number(0x08074b50, 4) + number(entry.checksum, 4) + number(2, 4) + number(2, 4);
            })})),
            "")
      << "unless they say that the sizes follow the data";
}

TEST_F(ZipTest, LiesAboutSizesAndContentsAreRefused) {
  const std::string data(1000, 'x');
  const auto lie = [&](std::uint64_t size) {
    return Entry("x", data).deflated().with([&](Entry& entry) { entry.unpacked_size = entry.local_unpacked_size = size; });
  };
  expect_refused({lie(999)}, "broken data: x");
  expect_refused({lie(1001)}, "broken data: x");
  expect_refused({lie(0)}, "broken data: x");
  expect_refused({Entry("x", data).deflated().with([](Entry& entry) { entry.checksum = entry.local_checksum = 1; })}, "broken data: x");
  expect_refused({Entry("x", data).with([](Entry& entry) { entry.checksum = entry.local_checksum = 1; })}, "broken data: x");
  expect_refused({Entry("x", data).deflated().with([](Entry& entry) {
                   entry.packed += "junk";
                   entry.packed_size = entry.local_packed_size = entry.packed.size();
                 })},
                 "broken data: x");
  expect_refused({Entry("x", data).deflated().with([](Entry& entry) {
                   entry.packed.resize(entry.packed.size() - 2);
                   entry.packed_size = entry.local_packed_size = entry.packed.size();
                 })},
                 "broken data: x");
  expect_refused({Entry("x", data).deflated().with([](Entry& entry) { entry.packed_size = entry.local_packed_size = 100'000; })},
                 "the data is outside of the archive: x");
  expect_refused({Entry("x", data).with([](Entry& entry) { entry.unpacked_size = entry.local_unpacked_size = 999; })},
                 "impossible size: x");
}

TEST_F(ZipTest, OverlappingEntriesAreRefused) {
  // As in the bombs whose entries all share one kernel of data.
  Archive archive;
  archive.add(Entry("a", std::string(500, 'a')));
  archive.add(Entry("b", "b"));
  auto again = Entry("a", std::string(500, 'a'));
  again.name = "a";
  again.offset = 0;
  archive.add(again);
  expect_refused(archive.finish(), "entries overlap: a");

  Archive nested;
  auto inner = Archive();
  inner.add(Entry("b", "b"));
  nested.add(Entry("a", inner.bytes));
  auto overlapping = Entry("b", "b");
  overlapping.offset = 30 + 1;
  nested.add(overlapping);
  expect_refused(nested.finish(), "entries overlap: b");
}

TEST_F(ZipTest, BombsAreRefusedBeforeAnythingIsWritten) {
  const ZipLimits limits{1000, 10};
  EXPECT_EQ(unpack(zip({Entry("a", std::string(999, 'x')).deflated()}), limits), "");
  EXPECT_EQ(unpack(zip({Entry("a", std::string(1000, 'x')).deflated()}), limits), "Unzipped size must be smaller than 1000 bytes");
  EXPECT_EQ(unpack(zip({Entry("a", std::string(500, 'x')), Entry("b", std::string(500, 'x')).deflated()}), limits),
            "Unzipped size must be smaller than 1000 bytes");
  EXPECT_EQ(unpack(zip({Entry("a", std::string(200'000'000, '\0')).deflated(), Entry("b", std::string(62'144'000, '\0')).deflated()})),
            "Unzipped size must be smaller than 262144000 bytes");
  const auto claims = Entry("a", "x").deflated().with([](Entry& entry) { entry.unpacked_size = entry.local_unpacked_size = 100'000; });
  expect_refused({claims}, "impossible size: a");
  std::vector<Entry> many;
  for (int i = 0; i < 11; ++i) many.emplace_back(std::to_string(i), "");
  EXPECT_EQ(unpack(zip(many), limits), cannot_unzip);
}

TEST_F(ZipTest, AnArchiveWithoutFilesIsRefused) {
  EXPECT_EQ(unpack(zip({})), "Uploaded file must be a non-empty zip");
  EXPECT_EQ(unpack(zip({Entry("d/")})), "Uploaded file must be a non-empty zip");
}

TEST_F(ZipTest, WhatIsNoZipIsRefused) {
  EXPECT_EQ(unpack(""), cannot_unzip);
  EXPECT_EQ(unpack("hello"), cannot_unzip);
  EXPECT_EQ(unpack(std::string(100'000, 'P')), cannot_unzip);
  EXPECT_EQ(unpack(std::string(22, '\0')), cannot_unzip);
}

TEST_F(ZipTest, CommentsAndLeadingBytesAreTolerated) {
  Archive archive;
  archive.add(Entry("a", "1"));
  EXPECT_EQ(unpack(archive.finish("a comment with PK\x05\x06 in it, and more after it, so that it is longer than an end")), "");
  EXPECT_EQ(unpack("#!/usr/bin/env python3\n" + archive.finish()), "");
  EXPECT_EQ(contents("a"), "1");
  EXPECT_EQ(unpack(archive.finish() + "trailing"), cannot_unzip);
}

TEST_F(ZipTest, Zip64IsRead) {
  Archive archive;
  auto entry = Entry("a", "hello");
  entry.extra = number(1, 2) + number(24, 2) + number(5, 8) + number(5, 8) + number(0, 8);
  entry.packed_size = entry.unpacked_size = 0xffffffff;
  entry.offset = 0xffffffff;
  archive.add(entry);
  EXPECT_EQ(unpack(archive.finish()), "");
  EXPECT_EQ(contents("a"), "hello");

  const auto end64 = number(0x06064b50, 4) + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) + number(1, 8) + number(1, 8) +
                     number(archive.central.size(), 8) + number(archive.bytes.size(), 8);
  const auto locator = number(0x07064b50, 4) + number(0, 4) + number(archive.bytes.size() + archive.central.size(), 8) + number(1, 4);
  const auto end = number(0x06054b50, 4) + number(0, 4) + number(0xffff, 2) + number(0xffff, 2) + number(0xffffffff, 4) +
                   number(0xffffffff, 4) + number(0, 2);
  EXPECT_EQ(unpack(archive.bytes + archive.central + end64 + locator + end), "");
  expect_refused(archive.bytes + archive.central + locator + end, "the zip64 end is missing");
  expect_refused(archive.bytes + archive.central + end, "the zip64 locator is missing");
  auto broken = Entry("a", "hello");
  broken.unpacked_size = 0xffffffff;
  expect_refused({broken}, "broken zip64 field: a");
  broken.extra = number(1, 2) + number(4, 2) + number(0, 4);
  expect_refused({broken}, "broken zip64 field: a");
}

TEST_F(ZipTest, AnExistingTargetIsLeftAlone) {
  fs::create_directories(target);
  std::ofstream(target + "/mine") << "1";
  EXPECT_THROW((void)unpack_zip(zip({Entry("a", "1")}), target, {}, Unpacked::Cache), StorageError);
  EXPECT_EQ(contents("mine"), "1");
}

TEST_F(ZipTest, LeftoversOfACrashCanBeRemoved) {
  EXPECT_EQ(unpack(zip({Entry("a", "1")})), "");
  fs::create_directories(root + "/packages/.unpacking-Ab12Cd/d");
  remove_unpacking_leftovers(root + "/packages");
  EXPECT_FALSE(fs::exists(root + "/packages/.unpacking-Ab12Cd"));
  EXPECT_TRUE(fs::exists(target));
  remove_unpacking_leftovers(root + "/not there");
}

TEST_F(ZipTest, EveryDamagedByteIsEitherRefusedOrHarmless) {
  const auto archive =
      zip({Entry("bootstrap", "#!/bin/sh\n", S_IFREG | 0755), Entry("d/e", std::string(500, 'x')).deflated(), link("l", "d/e")});
  Random random(5);
  for (int round = 0; round < 3000; ++round) {
    auto damaged = archive;
    for (auto flips = 1 + random.below(3); flips > 0; --flips) damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    if (random.chance(10)) damaged.resize(random.below(damaged.size()));
    unpack(damaged);
  }
  expect_nothing_outside();
}

class PackTest : public ZipTest {
 protected:
  void write(const std::string& name, const std::string& bytes, fs::perms permissions = fs::perms::owner_read | fs::perms::owner_write) {
    const auto path = fs::path(root) / "source" / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    fs::permissions(path, permissions);
  }
  std::string pack(std::uint64_t most_bytes = 1 << 20) const { return pack_directory(root + "/source", most_bytes); }
};

TEST_F(PackTest, WhatIsPackedComesOutTheSame) {
  Random random(3);
  std::string noise(50'000, '\0');
  for (auto& byte : noise) byte = static_cast<char>(random.next());
  write("bootstrap", "#!/bin/sh\n", fs::perms::owner_all);
  write("lib/text", std::string(10'000, 'x'));
  write("lib/noise", noise);
  write("empty file", "");
  write("ünicode/ß", "1");
  fs::create_directories(root + "/source/empty/directory");
  fs::create_symlink("lib/text", root + "/source/link");
  EXPECT_EQ(unpack(pack()), "");
  EXPECT_TRUE(contents("lib/text") == std::string(10'000, 'x'));
  EXPECT_TRUE(contents("lib/noise") == noise);
  EXPECT_TRUE(fs::exists(target + "/empty file"));
  EXPECT_EQ(contents("ünicode/ß"), "1");
  EXPECT_TRUE(fs::is_directory(target + "/empty/directory"));
  EXPECT_EQ(fs::read_symlink(target + "/link"), "lib/text");
  EXPECT_EQ(::access((target + "/bootstrap").c_str(), X_OK), 0);
  EXPECT_EQ(fs::status(target + "/lib/text").permissions(), fs::perms(0644));
}

TEST_F(PackTest, TheSameTreeGivesTheSameBytesWhateverItsTimesAndPermissions) {
  for (const char* name : {"b", "a/z", "a/y", "c"}) write(name, name);
  const auto first = pack();
  fs::remove_all(root + "/source");
  for (const char* name : {"c", "a/y", "b", "a/z"}) write(name, name, fs::perms(0664));
  fs::last_write_time(root + "/source/b", fs::file_time_type::min());
  EXPECT_EQ(pack(), first);
}

TEST_F(PackTest, PythonReadsWhatIsPacked) {
  if (std::system("python3 -c 'import zipfile' 2>/dev/null") != 0) GTEST_SKIP() << "no python3";
  write("a/text", std::string(10'000, 'x'));
  write("b", "1", fs::perms::owner_all);
  fs::create_symlink("b", root + "/source/l");
  std::ofstream(root + "/packed.zip", std::ios::binary) << pack();
  const auto check = "python3 -c \"import zipfile,sys; z=zipfile.ZipFile('" + root +
                     "/packed.zip'); sys.exit(0 if z.testzip() is None and z.namelist()==['a/text','b','l'] else 1)\"";
  EXPECT_EQ(std::system(check.c_str()), 0);
}

TEST_F(PackTest, SpecialFilesAndTooManyBytesAreRefused) {
  write("a", std::string(1000, 'x'));
  EXPECT_THROW(pack(999), StorageError);
  EXPECT_NO_THROW(pack(1000));
  ASSERT_EQ(::mkfifo((root + "/source/fifo").c_str(), 0600), 0);
  EXPECT_THROW(pack(), StorageError);
  EXPECT_THROW(pack_directory(root + "/not there", 1), StorageError);
}

}  // namespace
}  // namespace surgetank
