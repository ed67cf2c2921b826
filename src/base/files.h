// Files that hold secrets or state: whole, private, never half written.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::files {

// The whole file, at most `limit` bytes. The error names the path and the reason.
Result<std::string> read(const std::string& path, std::size_t limit = 64u << 20);

// Replaces the file as one step (a new file beside it, synced, renamed), with mode 0600.
Result<void> write_private(const std::string& path, std::string_view bytes);

// Makes the directory and its parents, mode 0700.
Result<void> make_directory(const std::string& path);

}  // namespace gatepost::files
