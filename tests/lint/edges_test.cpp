// Edge cases, as data: edges/*.yaml hold entries "=== <rule> present|absent [profile]: <why>", each with manifests.
#include <filesystem>
#include <gtest/gtest.h>
#include <sstream>

#include "base/files.h"
#include "lint/rules_on.h"

namespace gatepost::lint {
namespace {

struct Entry {
  std::string rule, verdict, title, manifests;
  Profile profile = Profile::none;
};

std::vector<Entry> read_entries(const std::string& text) {
  std::vector<Entry> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("=== ")) {
      Entry& entry = out.emplace_back();
      entry.title = line.substr(4);
      std::istringstream words(entry.title.substr(0, entry.title.find(':')));
      std::string profile;
      words >> entry.rule >> entry.verdict >> profile;
      entry.profile = profile_named(profile).value_or(Profile::none);
    } else if (!out.empty()) {
      out.back().manifests += line + "\n";
    }
  }
  return out;
}

TEST(Edges, AreJudgedAsToldBesideThem) {
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(TEST_DATA_DIR "/edges")) {
    auto text = files::read(file.path().string());
    ASSERT_TRUE(text);
    for (const Entry& entry : read_entries(*text)) {
      ++count;
      ASSERT_TRUE(entry.verdict == "present" || entry.verdict == "absent") << entry.title;
      const LintResult result = lint_text(entry.manifests, [&] {
        Settings settings;
        settings.profile = entry.profile;
        return settings;
      }());
      EXPECT_TRUE(result.problems.empty()) << entry.title;
      bool found = false;
      for (const LintFinding& one : result.findings) found = found || one.finding.rule == entry.rule;
      EXPECT_EQ(found, entry.verdict == "present") << file.path().filename() << ": " << entry.title;
    }
  }
  EXPECT_GT(count, 20u);
}

}  // namespace
}  // namespace gatepost::lint
