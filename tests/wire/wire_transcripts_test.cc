// One test for each tests/wire/<folder>/*.http.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/services.h"
#include "transcript_runner.h"

namespace surgetank::wiretest {
namespace {

namespace fs = std::filesystem;

class TranscriptFile : public testing::Test {
 public:
  explicit TranscriptFile(fs::path path) : path_(std::move(path)) {}
  void TestBody() override {
    std::ifstream file(path_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    try {
      TranscriptRunner runner(all_services(), path_.parent_path().string());
      for (const auto& exchange : parse_transcript(text)) runner.play(exchange);
    } catch (const std::exception& error) {
      FAIL() << path_.string() << ": " << error.what();
    }
  }

 private:
  fs::path path_;
};

void register_transcripts() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path("tests/wire")))
    if (entry.path().extension() == ".http") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto name = file.parent_path().filename().string() + "/" + file.stem().string();
    testing::RegisterTest("WireTranscripts", name.c_str(), nullptr, nullptr, file.c_str(), 1,
                          [file]() -> testing::Test* { return new TranscriptFile(file); });
  }
}

}  // namespace
}  // namespace surgetank::wiretest

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  surgetank::wiretest::register_transcripts();
  return RUN_ALL_TESTS();
}
