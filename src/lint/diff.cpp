// Edits as a unified diff, and their way into the file.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lint/fix.h"

namespace gatepost::lint {
namespace {

constexpr std::size_t context = 3;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    out.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string marked(char mark, std::string_view line) {
  return mark + std::string(line) + (line.ends_with('\n') ? "" : "\n\\ No newline at end of file\n");
}

// The lines of one hunk; both sides are short.
std::string compare(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after) {
  const std::size_t n = before.size(), m = after.size();
  std::vector<std::vector<std::size_t>> common(n + 1, std::vector<std::size_t>(m + 1, 0));
  for (std::size_t i = n; i-- > 0;)
    for (std::size_t j = m; j-- > 0;)
      common[i][j] = before[i] == after[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::string out;
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && before[i] == after[j])
      out += marked(' ', before[i]), ++i, ++j;
    else if (i < n && (j == m || common[i + 1][j] >= common[i][j + 1]))
      out += marked('-', before[i++]);
    else
      out += marked('+', after[j++]);
  }
  return out;
}

}  // namespace

std::string unified_diff(const SourceFile& file, const std::vector<Edit>& edits) {
  const std::vector<std::string_view> lines = lines_of(file.text);
  std::vector<std::size_t> starts = {0};
  for (std::string_view line : lines) starts.push_back(starts.back() + line.size());
  auto line_of = [&](std::size_t offset) {
    auto found = std::upper_bound(starts.begin(), starts.end(), offset);
    return std::min(static_cast<std::size_t>(found - starts.begin() - 1), lines.empty() ? 0 : lines.size() - 1);
  };
  std::string out = fmt::format("--- {0}\n+++ {0}\n", file.name);
  std::ptrdiff_t shift = 0;
  for (std::size_t i = 0; i < edits.size();) {
    const std::size_t first = line_of(edits[i].begin) - std::min(line_of(edits[i].begin), context);
    std::size_t last = line_of(edits[i].end), j = i + 1;
    for (; j < edits.size() && line_of(edits[j].begin) <= last + 2 * context + 1; ++j)
      last = std::max(last, line_of(edits[j].end));
    last = std::min(last + context, lines.empty() ? 0 : lines.size() - 1);
    std::vector<Edit> inside(edits.begin() + static_cast<std::ptrdiff_t>(i),
                             edits.begin() + static_cast<std::ptrdiff_t>(j));
    for (Edit& edit : inside) {
      edit.begin -= static_cast<std::uint32_t>(starts[first]);
      edit.end -= static_cast<std::uint32_t>(starts[first]);
    }
    const std::string_view old_text =
        std::string_view(file.text).substr(starts[first], starts[last + 1] - starts[first]);
    const std::string new_text = spliced(old_text, inside);
    const auto before = lines_of(old_text), after = lines_of(new_text);
    out += fmt::format("@@ -{},{} +{},{} @@\n", first + 1, before.size(),
                       static_cast<std::ptrdiff_t>(first) + 1 + shift, after.size());
    out += compare(before, after);
    shift += static_cast<std::ptrdiff_t>(after.size()) - static_cast<std::ptrdiff_t>(before.size());
    i = j;
  }
  return out;
}

Result<void> write_back(const std::string& path, std::string_view text) {
  auto reason = [&] { return fail(path + ": " + std::strerror(errno)); };
  struct stat found{};
  if (stat(path.c_str(), &found) != 0) return reason();
  std::string temporary = path + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return reason();
  bool whole = fchmod(fd, found.st_mode & 07777) == 0;
  for (std::size_t at = 0; whole && at < text.size();) {
    const ssize_t put = ::write(fd, text.data() + at, text.size() - at);
    if (put < 0 && errno == EINTR) continue;
    whole = put > 0;
    at += whole ? static_cast<std::size_t>(put) : 0;
  }
  whole = fsync(fd) == 0 && whole;
  whole = ::close(fd) == 0 && whole;
  if (whole && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
  auto failed = reason();
  ::unlink(temporary.c_str());
  return failed;
}

}  // namespace gatepost::lint
