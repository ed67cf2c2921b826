// Labelled texts: the real reports of tests/reports, and more pastes of the kinds that people send.
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "explain/grammar.h"
#include "json/parse.h"

namespace gatepost::explain {
namespace {

struct Label {
  std::string id, text, outcome, webhook, service, tail, cause;
  std::int64_t port = 0, timeout = 0;
};

std::vector<Label> labels(const std::string& path) {
  std::ifstream file(path);
  std::vector<Label> out;
  for (std::string line; std::getline(file, line);) {
    const auto value = json::parse(line, json::make_arena());
    if (!value) ADD_FAILURE() << value.error().text;
    const auto text = [&](const char* key) { return std::string(json::string_at(*value, {key})); };
    out.push_back({text("id"), text("text"), text("outcome"), text("webhook"), text("service"), text("tail"),
                   text("cause"), json::int_at(*value, {"port"}), json::int_at(*value, {"timeout"})});
  }
  return out;
}

// White space and the marks around a tail do not count, as in tests/reports/score.py.
std::string squashed(const std::string& text) {
  std::istringstream words(text);
  std::string out;
  for (std::string word; words >> word;) out += (out.empty() ? "" : " ") + word;
  const std::string marks = " .\"'*_`";
  const std::size_t begin = out.find_first_not_of(marks);
  return begin == std::string::npos ? "" : out.substr(begin, out.find_last_not_of(marks) - begin + 1);
}

// The fields that are wrong in the finding that agrees best, as one line; empty where all are right.
std::string wrong_fields(const Label& label) {
  std::string best = "nothing found";
  for (const Occurrence& found : read_text(label.text)) {
    std::string wrong;
    const auto compare = [&](const char* field, const std::string& wanted, const std::string& got, bool optional) {
      if (wanted != got && !(optional && wanted.empty())) wrong += std::string(" ") + field + "=" + got;
    };
    compare("outcome", label.outcome, std::string(report::to_string(found.outcome)), false);
    compare("cause", label.cause, found.cause, false);
    compare("webhook", label.webhook, found.webhook, true);
    compare("service", label.service, found.service, true);
    compare("tail", squashed(label.tail), squashed(found.tail), true);
    if (label.port != 0 && label.port != found.port.value_or(0)) wrong += " port";
    if (label.timeout != 0 && label.timeout != found.timeout_seconds.value_or(0)) wrong += " timeout";
    if (wrong.empty()) return "";
    if (best == "nothing found" || wrong.size() < best.size()) best = wrong;
  }
  return best;
}

TEST(Reports, AreReadWhole) {
  const auto all = labels(TEST_DATA_DIR "/../reports/errors.jsonl");
  ASSERT_EQ(all.size(), 143u);
  for (const Label& label : all) EXPECT_EQ(wrong_fields(label), "") << label.id << "\n" << label.text;
}

TEST(Pastes, AreReadWhole) {
  const auto all = labels(TEST_DATA_DIR "/pastes.jsonl");
  ASSERT_GT(all.size(), 40u);
  for (const Label& label : all) EXPECT_EQ(wrong_fields(label), "") << label.text;
}

TEST(Truncation, NeverInventsAnotherFailure) {
  for (const Label& label : labels(TEST_DATA_DIR "/../reports/errors.jsonl")) {
    if (label.outcome != "failed" || label.webhook.empty()) continue;
    const std::size_t name = label.text.find(label.webhook);
    if (name == std::string::npos) continue;
    for (std::size_t end = name + label.webhook.size(); end < label.text.size(); end += 3) {
      for (const Occurrence& found : read_text(label.text.substr(0, end))) {
        EXPECT_NE(found.outcome, report::Outcome::denied) << label.id << " at " << end;
        EXPECT_FALSE(found.cause.empty()) << label.id << " at " << end;
      }
    }
  }
}

}  // namespace
}  // namespace gatepost::explain
