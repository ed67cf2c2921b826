// Configurations of well-known projects, rebuilt small: what is to be said of them ("# expect:") and what not
// ("# never:").
#include <filesystem>
#include <gtest/gtest.h>
#include <sstream>

#include "base/files.h"
#include "lint/rules_on.h"

namespace gatepost::lint {
namespace {

std::vector<std::string> words_behind(const std::string& text, std::string_view mark) {
  std::vector<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(mark)) continue;
    std::istringstream words(line.substr(mark.size()));
    for (std::string word; words >> word;) out.push_back(word);
  }
  return out;
}

TEST(KnownProjects, GetSensibleResults) {
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(TEST_DATA_DIR "/known")) {
    auto text = files::read(file.path().string());
    ASSERT_TRUE(text);
    ++files;
    EXPECT_TRUE(lint_text(*text).problems.empty()) << file.path().filename();
    const std::set<std::string> found = rules_on(*text);
    for (const std::string& rule : words_behind(*text, "# expect:"))
      EXPECT_TRUE(found.contains(rule)) << file.path().filename() << ": " << rule << " is expected";
    for (const std::string& rule : words_behind(*text, "# never:"))
      EXPECT_FALSE(found.contains(rule)) << file.path().filename() << ": " << rule << " is wrong";
  }
  EXPECT_GE(files, 8u);
}

}  // namespace
}  // namespace gatepost::lint
