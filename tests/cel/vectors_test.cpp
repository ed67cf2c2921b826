// The language's conformance vectors: all that need no protobuf type pass.
#include "cel/vectors.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace gatepost::cel {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

TEST(Vectors, AllWithoutProtobufTypesPass) {
  const std::filesystem::path folder = std::filesystem::path(TEST_DATA_DIR) / "../cel-spec";
  std::size_t passed = 0;
  std::size_t skipped = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".jsonl") continue;
    for (const VectorResult& result : run_vectors(read(file.path()))) {
      passed += result.outcome == VectorResult::Outcome::Passed ? 1 : 0;
      skipped += result.outcome == VectorResult::Outcome::Skipped ? 1 : 0;
      EXPECT_NE(result.outcome, VectorResult::Outcome::Failed)
          << file.path().filename() << " " << result.section << "/" << result.name << ": " << result.detail;
    }
  }
  std::printf("%zu passed, %zu skipped\n", passed, skipped);
  EXPECT_GT(passed, 1500u);
}

}  // namespace
}  // namespace gatepost::cel
