#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "kernel/background_work.h"
#include "kernel/test_door.h"
#include "services/lambda/test_lambda.h"
#include "storage/blob_store.h"
#include "storage/zip.h"

namespace surgetank::lambda {
namespace {

namespace fs = std::filesystem;

// A package with one file.
std::string package_of(const std::string& text) {
  std::string directory = (fs::temp_directory_path() / "surgetank-package-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) return {};
  std::ofstream(directory + "/index.mjs") << text;
  auto zip = pack_directory(directory, 1 << 20);
  fs::remove_all(directory);
  return zip;
}

std::string creation_from(const std::string& zip, const std::string& name = "orders", const std::string& more = "") {
  return R"({"FunctionName":")" + name + R"(","Role":"arn:aws:iam::000000000000:role/r","Runtime":"nodejs20.x","Handler":"index.handler",)" +
         R"("Code":{"ZipFile":")" + to_base64(zip) + "\"}" + more + "}";
}

// What a file of a directory holds.
std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct PackageTest : LambdaTest {
  std::string update(const std::string& zip, const std::string& more = "") {
    return call("UpdateFunctionCode", R"({"FunctionName":"orders","ZipFile":")" + to_base64(zip) + "\"" + more + "}");
  }
  // Where the function's code is, as the runner is told.
  std::string code_directory(const std::string& name = "orders") {
    std::string directory;
    world.runner.behaviour = [&directory](const FunctionVersion& version, const InvocationRequest&) {
      directory = version.code_directory;
      return InvocationOutcome{.payload = "null"};
    };
    call("Invoke", R"({"FunctionName":")" + name + R"("})");
    return directory;
  }
  std::size_t packages() const {
    if (!fs::exists(world.ports.code_directory)) return 0;
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(world.ports.code_directory), fs::directory_iterator{}));
  }
};

TEST_F(PackageTest, APackageIsUnpackedUnderItsHash) {
  const auto zip = package_of("export const handler = 1");
  const auto created = call("CreateFunction", creation_from(zip));
  const auto id = BlobId::of(zip);
  EXPECT_EQ(member(created, "CodeSha256"), to_base64(*from_hex(id.text())));
  EXPECT_EQ(member(created, "CodeSize"), std::to_string(zip.size()));
  EXPECT_EQ(member(created, "State"), "Active");
  EXPECT_EQ(code_directory(), world.ports.code_directory + "/" + id.text());
  EXPECT_EQ(content(code_directory() + "/index.mjs"), "export const handler = 1");
  EXPECT_EQ(world.blobs->get(id), zip);
}

TEST_F(PackageTest, FunctionsWithTheSamePackageShareIt) {
  const auto zip = package_of("a");
  call("CreateFunction", creation_from(zip, "one"));
  call("CreateFunction", creation_from(zip, "two"));
  EXPECT_EQ(code_directory("one"), code_directory("two"));
  EXPECT_EQ(packages(), 1U);
}

TEST_F(PackageTest, NewCodeIsAnotherDirectoryAndRetiresTheEnvironments) {
  const auto created = call("CreateFunction", creation_from(package_of("a")));
  const auto before = code_directory();
  const auto updated = update(package_of("b"), R"(,"RevisionId":")" + member(created, "RevisionId") + R"(","Architectures":["arm64"])");
  EXPECT_NE(member(updated, "CodeSha256"), member(created, "CodeSha256"));
  EXPECT_EQ(member(updated, "Architectures"), R"(["arm64"])");
  EXPECT_NE(code_directory(), before);
  EXPECT_EQ(content(code_directory() + "/index.mjs"), "b");
  EXPECT_EQ(content(before + "/index.mjs"), "a");  // for what still runs
  EXPECT_EQ(world.runner.retired.size(), 1U);
  EXPECT_EQ(update(package_of("c"), R"(,"RevisionId":")" + member(created, "RevisionId") + "\"").substr(0, 27), "PreconditionFailedException");
}

TEST_F(PackageTest, ADryRunChangesNothing) {
  const auto created = call("CreateFunction", creation_from(package_of("a")));
  const auto shown = update(package_of("b"), R"(,"DryRun":true)");
  EXPECT_NE(member(shown, "CodeSha256"), member(created, "CodeSha256"));
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders"})"), "CodeSha256"), member(created, "CodeSha256"));
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders"})"), "RevisionId"), member(created, "RevisionId"));
  EXPECT_TRUE(world.runner.retired.empty());
}

TEST_F(PackageTest, WhatIsNoPackageIsRefused) {
  const std::string broken = "InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again.";
  EXPECT_EQ(call("CreateFunction", creation_from("not a zip")), broken);
  auto damaged = package_of("some text that is long enough to be damaged");
  damaged[60] = static_cast<char>(damaged[60] ^ 0x55);
  EXPECT_EQ(call("CreateFunction", creation_from(damaged)), broken);
  EXPECT_EQ(call("CreateFunction", creation_from("")), "InvalidParameterValueException: Uploaded file must be a non-empty zip");
  EXPECT_EQ(packages(), 0U);
  EXPECT_EQ(call("ListFunctions", "{}"), R"({"Functions":[]})");
}

TEST_F(PackageTest, APackageHasAtMostFiftyMegabytes) {
  EXPECT_EQ(call("CreateFunction", creation_from(std::string(52'428'801, 'x'))),
            "RequestEntityTooLargeException: Zipped size must be smaller than 52428800 bytes");
}

TEST_F(PackageTest, TheCodeHasOneSource) {
  const auto with_code = [this](const std::string& code) {
    return call("CreateFunction", R"({"FunctionName":"orders","Role":"arn:aws:iam::000000000000:role/r","Runtime":"nodejs20.x","Handler":"h","Code":)" +
                                      code + "}");
  };
  EXPECT_EQ(with_code("{}"), "InvalidParameterValueException: Please provide a source for function code.");
  EXPECT_EQ(with_code(R"({"S3Bucket":"b","S3Key":"k"})"),
            "InvalidParameterValueException: S3 is not supported yet: send the deployment package in ZipFile.");
  EXPECT_EQ(with_code(R"({"ImageUri":"i"})"),
            "InvalidParameterValueException: A container image (PackageType Image) is not supported by Surgetank yet.");
  EXPECT_EQ(with_code(R"({"ZipFile":"AAAA","LocalPath":"/a"})"),
            "InvalidParameterValueException: Please provide one source for function code: ZipFile or LocalPath.");
  create();
  EXPECT_EQ(call("UpdateFunctionCode", R"({"FunctionName":"orders"})"),
            "InvalidParameterValueException: Please provide a source for function code.");
  EXPECT_EQ(call("UpdateFunctionCode", R"({"FunctionName":"orders","ImageUri":"i"})"),
            "InvalidParameterValueException: A container image (ImageUri) is not supported by Surgetank yet.");
}

TEST_F(PackageTest, ALocalFolderIsOnlyForThePlatformItself) {
  EXPECT_EQ(world.call_as(client(), "lambda", "CreateFunction", creation("orders", "")),
            "InvalidParameterValueException: LocalPath is only for templates that this server deploys from its own disk.");
  create();
  EXPECT_EQ(code_directory(), "/srv/orders");
  EXPECT_EQ(member(call("GetFunction", R"({"FunctionName":"orders"})"), "Code"), "{}");
  const auto update_to = [this](const std::string& path, const std::string& hash) {
    return call("UpdateFunctionCode", R"({"FunctionName":"orders","LocalPath":")" + path + R"(","LocalHash":")" + hash + R"("})");
  };
  EXPECT_EQ(update_to("srv", std::string(some_hash)), "InvalidParameterValueException: LocalPath must be the absolute path of a folder.");
  EXPECT_EQ(update_to("/srv", "x").substr(0, 46), "InvalidParameterValueException: LocalHash must");
  EXPECT_EQ(member(update_to("/srv", to_hex(*from_base64(other_hash))), "CodeSha256"), other_hash);
  EXPECT_EQ(code_directory(), "/srv");
}

TEST_F(PackageTest, CreationIsCheckedAgainWhenThePackageIsStored) {
  // Two creations under way at the same time: work waits until both have begun.
  struct Held final : BackgroundWork {
    void run(Task piece) override { pieces.push_back(std::move(piece)); }
    std::vector<Task> pieces;
  } held;
  world.ports.background = &held;
  std::vector<std::string> answers;
  for (const auto* text : {"a", "b"}) {
    world.dispatcher->dispatch_json("lambda", "CreateFunction", client(), creation_from(package_of(text)), [&answers](Result<std::string> result) {
      answers.push_back(result.ok() ? "created" : std::string(result.error().code->name));
    });
  }
  world.lanes.run_until_idle();
  EXPECT_TRUE(answers.empty());
  ASSERT_EQ(held.pieces.size(), 2U);
  for (auto& piece : held.pieces) piece();
  world.lanes.run_until_idle();
  EXPECT_EQ(answers, (std::vector<std::string>{"created", "ResourceConflictException"}));
}

TEST_F(PackageTest, WorkThatIsGivenUpAnswers) {
  struct Dropping final : BackgroundWork {
    void run(Task) override {}
  } dropping;
  world.ports.background = &dropping;
  EXPECT_EQ(call("CreateFunction", creation_from(package_of("a"))),
            "ServiceException: The deployment package could not be stored because of a failure inside the server.");
}

TEST_F(PackageTest, CodeThatNobodyUsesGoesAtTheNextStart) {
  const auto old_zip = package_of("a");
  const auto new_zip = package_of("b");
  call("CreateFunction", creation_from(old_zip, "orders", R"(,"Publish":true)"));
  update(new_zip);
  world.crash_and_restart();
  EXPECT_EQ(packages(), 2U);  // version 1 still names the old one
  call("DeleteFunction", R"({"FunctionName":"orders","Qualifier":"1"})");
  EXPECT_EQ(packages(), 2U);
  world.crash_and_restart();
  EXPECT_EQ(packages(), 1U);
  EXPECT_FALSE(world.blobs->exists(BlobId::of(old_zip)));
  EXPECT_TRUE(world.blobs->exists(BlobId::of(new_zip)));
  EXPECT_EQ(content(code_directory() + "/index.mjs"), "b");
}

TEST_F(PackageTest, ALostDirectoryIsUnpackedAgainAtTheNextStart) {
  call("CreateFunction", creation_from(package_of("a")));
  fs::remove_all(world.ports.code_directory);
  world.crash_and_restart();
  EXPECT_EQ(content(code_directory() + "/index.mjs"), "a");
}

struct DownloadTest : testing::Test {
  TestDoor door{{&service}};
  const TestSigning signing{.service = "lambda"};
  std::string zip = package_of("export const handler = 1");

  HttpResponse call(std::string_view method, std::string_view target, std::string body = {}) {
    return door.send_signed(method, target, {{"Content-Type", "application/json"}}, std::move(body), signing);
  }
  // The path and query of Code.Location.
  std::string location() {
    call("POST", "/2015-03-31/functions", creation_from(zip));
    const auto reply = parse_json(call("GET", "/2015-03-31/functions/orders").body);
    const auto* url = reply.ok() ? reply->find_path({"Code", "Location"}) : nullptr;
    const std::string prefix = "http://127.0.0.1:4566";
    return url != nullptr && url->as_string()->starts_with(prefix) ? url->as_string()->substr(prefix.size()) : "";
  }
  HttpResponse fetch(const std::string& target) { return door.send(plain_request("GET", target, {}, {}, door.now())); }
};

TEST_F(DownloadTest, ThePackageIsFetchedFromItsLocationWithoutSignature) {
  const auto response = fetch(location());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header_of(response, "Content-Type"), "application/zip");
  EXPECT_EQ(response.body, zip);
}

TEST_F(DownloadTest, ALocationIsGoodForTenMinutes) {
  const auto target = location();
  door.world.advance(minutes(10));
  EXPECT_EQ(fetch(target).status, 200);
  door.world.advance(seconds(1));
  const auto response = fetch(target);
  EXPECT_EQ(response.status, 403);
  EXPECT_NE(response.body.find("Request has expired"), std::string::npos);
}

TEST_F(DownloadTest, ATicketOpensItsOwnPackageOnly) {
  const auto target = location();
  auto other = target;
  auto& digit = other[target.find("/code/") + 6];
  digit = digit == '0' ? '1' : '0';
  EXPECT_EQ(fetch(other).status, 403);
  EXPECT_EQ(fetch(target.substr(0, target.find('?'))).status, 403);
  EXPECT_EQ(fetch(target + "00").status, 403);
  EXPECT_EQ(fetch("/_surgetank/lambda/code/../../etc/passwd?ticket=00").status, 403);
  EXPECT_EQ(door.send(plain_request("POST", target, {}, {}, door.now())).status, 405);
}

}  // namespace
}  // namespace surgetank::lambda
