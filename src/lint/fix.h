// Mechanical repairs as splices of bytes: what stands around them, comments and layout, stays as it is.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lint/rule.h"

namespace gatepost::lint {

struct Edit {
  std::uint32_t begin = 0, end = 0;  // bytes of the file that go
  std::string text;                  // what comes instead
};

struct FileEdits {
  const SourceFile* file = nullptr;
  std::vector<Edit> edits;  // in the order of places; those of one place in the order of their making
};

// Repairs of what was found: timeouts (GP201, GP202, GP203), failurePolicy (GP210), matchPolicy (GP603), scope (GP120)
// and the namespaces that are to be kept out (GP102, GP103, GP104, GP105, GP121, GP701, GP703, GP706).
std::vector<FileEdits> plan_fixes(const std::vector<Found>& found);

std::string spliced(std::string_view text, const std::vector<Edit>& edits);

// The edits as a unified diff with three lines of context.
std::string unified_diff(const SourceFile& file, const std::vector<Edit>& edits);

// Replaces the file in one step, keeping its mode.
Result<void> write_back(const std::string& path, std::string_view text);

}  // namespace gatepost::lint
