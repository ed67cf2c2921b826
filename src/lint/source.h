// What is linted, as bytes: files, folders (recursively), standard input, the output of helm.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/result.h"

namespace gatepost::lint {

struct SourceFile {
  std::string name;  // as the user would open it; "<stdin>" for standard input
  std::string text;
  bool is_template = false;  // below templates/ of a chart: text for helm, no YAML yet
};

// One line for the user about an input that cannot be used: "a.yaml:3:5: did not find expected key".
struct InputProblem {
  std::string file;
  std::uint32_t line = 0, column = 0;  // 0: the file as a whole
  std::string text;

  std::string line_text() const;
};

struct Sources {
  std::deque<SourceFile> files;  // in the order given, the files of a folder by name
  std::vector<InputProblem> problems;
};

// Files of a folder are those that end in .yaml, .yml or .json; hidden folders, node_modules and vendor are left out.
// A file that was named is read whatever its name. Larger ones than largest_file are refused.
inline constexpr std::size_t largest_file = 256u << 20;

// Paths that begin with one of `exclude` are left out of folders.
Sources read_sources(const std::vector<std::string>& paths, const std::vector<std::string>& exclude,
                     int standard_input);

// What `helm template` prints for the chart, and the chart's templates themselves.
Sources read_chart(const std::string& directory);

}  // namespace gatepost::lint
