#include "explain/scan.h"

#include <gtest/gtest.h>
#include <random>

namespace gatepost::explain {
namespace {

TEST(Scan, FindsEveryKindAtEveryOffset) {
  for (const char* words :
       {"failed calling webhook", "failed calling admission webhook", "admission webhook", "conversion webhook for",
        "failed to call webhook:", "failed-open.validating.webhook.admission.k8s.io/", "did not complete within",
        "TLS handshake error from", "admission plugin \""}) {
    for (std::size_t offset = 0; offset < 70; ++offset) {
      const std::string text = std::string(offset, '.') + " " + words + std::string(70 - offset, '.');
      EXPECT_NE(find_candidate(text, 0), nowhere) << words << " at " << offset;
      EXPECT_EQ(find_candidate(text, text.size() - 3), nowhere);
    }
  }
}

TEST(Scan, PassesOverPathsAndKinds) {
  EXPECT_EQ(
      find_candidate(
          "GET /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations webhook.go:1 mywebhook is ready "
          "and the webhook server listens on 9443 with completed handshakes",
          0),
      nowhere);
}

TEST(Scan, NeverReadsBeyondTheBlock) {
  const std::string word = "failed calling webhook";
  for (std::size_t length = 0; length <= word.size(); ++length) {
    const std::string exact = word.substr(0, length);  // a sanitizer sees a read behind it
    EXPECT_EQ(find_candidate(exact, 0) != nowhere, length == word.size());
  }
}

TEST(Scan, OfRandomBytesFindsWhatWasPut) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::string text(4096, ' ');
    for (char& c : text) c = static_cast<char>(random() % 256);
    const std::size_t at = random() % 4000;
    text.replace(at, 22, "failed calling webhook");
    std::size_t hit = 0;
    bool found = false;
    while ((hit = find_candidate(text, hit)) != nowhere) found = found || hit++ == at + 15;
    EXPECT_TRUE(found);
  }
}

}  // namespace
}  // namespace gatepost::explain
