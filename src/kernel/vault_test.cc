#include "kernel/vault.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kernel/credentials.h"

namespace surgetank {
namespace {

Vault make_vault(char fill = 'k') { return Vault(Secret<std::string>(std::string(32, fill))); }

TEST(Vault, OpensWhatItSealedForTheSameContext) {
  const auto vault = make_vault();
  const auto sealed = vault.seal("hunter2", "secret/1");
  EXPECT_EQ(vault.open(sealed, "secret/1"), "hunter2");
  EXPECT_EQ(sealed.find("hunter2"), std::string::npos);
}

TEST(Vault, RefusesAnotherContextAnotherKeyAndEveryFlippedBit) {
  const auto vault = make_vault();
  const auto sealed = vault.seal("hunter2", "a");
  EXPECT_FALSE(vault.open(sealed, "b"));
  EXPECT_FALSE(make_vault('x').open(sealed, "a"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(vault.open(damaged, "a")) << i;
  }
  EXPECT_FALSE(vault.open("", "a"));
}

TEST(Vault, OpensAfterAFailureAndFarBeyondOneDrawOfNonces) {
  const Vault vault = make_vault();
  std::set<std::string> nonces;
  for (int i = 0; i < 1000; ++i) {
    const auto sealed = vault.seal(std::to_string(i), "a");
    EXPECT_TRUE(nonces.insert(sealed.substr(1, 12)).second);
    EXPECT_EQ(vault.open(sealed, "b"), std::nullopt);
    EXPECT_EQ(vault.open(sealed, "a"), std::to_string(i));
  }
}

TEST(Vault, ManyThreadsSealAndOpenAtOnce) {
  const Vault vault = make_vault();
  std::vector<std::thread> threads;
  std::atomic<int> opened{0};
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&vault, &opened, thread] {
      const auto text = std::string(1000, static_cast<char>('a' + thread));
      for (int i = 0; i < 500; ++i) opened += vault.open(vault.seal(text, "x"), "x") == text ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened, 2000);
}

TEST(Vault, SealsTheSameValueDifferentlyEachTime) {
  const auto vault = make_vault();
  EXPECT_NE(vault.seal("x", ""), vault.seal("x", ""));
}

struct CredentialsTest : testing::Test {
  Vault vault = make_vault();
  Credentials credentials{vault, "000000000000"};
  Random random{1};
  Instant now{1'700'000'000'000'000};
};

TEST_F(CredentialsTest, KnowsTheBuiltInPairAndAccountsByTheirNumber) {
  EXPECT_EQ(credentials.find("test", "", now)->principal.account, "000000000000");
  EXPECT_EQ(credentials.find("123456789012", "", now)->principal.arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(credentials.find("nobody", "", now).error().code->name, "UnrecognizedClientException");
}

TEST_F(CredentialsTest, TemporaryKeysWorkUntilTheyExpireAndSurviveARestart) {
  const Principal role{.account = "000000000000", .arn = "arn:aws:sts::000000000000:assumed-role/R/s", .user_id = "AROA:s"};
  const auto issued = credentials.issue(role, now + hours(1), random);
  const Credentials restarted(vault, "000000000000");
  const auto found = restarted.find(issued.access_key_id, issued.session_token, now);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->principal.arn, role.arn);
  EXPECT_EQ(found->secret_access_key.reveal(), issued.secret_access_key.reveal());
  EXPECT_EQ(issued.secret_access_key.reveal().size(), 40U);
  EXPECT_EQ(restarted.find(issued.access_key_id, issued.session_token, now + hours(2)).error().code->name, "ExpiredTokenException");
}

TEST_F(CredentialsTest, ATokenOfAnotherKeyIsRefused) {
  const auto a = credentials.issue({.account = "1", .arn = "a", .user_id = ""}, now + hours(1), random);
  const auto b = credentials.issue({.account = "2", .arn = "b", .user_id = ""}, now + hours(1), random);
  EXPECT_FALSE(credentials.find(a.access_key_id, b.session_token, now).ok());
  EXPECT_FALSE(credentials.find(a.access_key_id, "", now).ok());
  EXPECT_FALSE(credentials.find(a.access_key_id, "AAAA", now).ok());
}

}  // namespace
}  // namespace surgetank
