#include "lint/source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace gatepost::lint {
namespace {

namespace fs = std::filesystem;

std::string too_large() {
  return fmt::format("larger than {} MB: split it, or lint only the documents that belong to webhooks",
                     largest_file >> 20);
}

// Reads to the end; false with errno or, for too much, EFBIG.
bool read_all(int fd, std::string& out, std::size_t expected) {
  out.reserve(std::min(expected + 1, largest_file));
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;
    if (out.size() + static_cast<std::size_t>(got) > largest_file) return errno = EFBIG, false;
    out.append(block.data(), static_cast<std::size_t>(got));
  }
}

std::string reason() {
  return errno == EFBIG ? too_large() : std::strerror(errno);
}

bool has_manifest_name(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

bool is_chart_template(const fs::path& path) {
  for (fs::path folder = path.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    std::error_code ignored;
    if (folder.filename() == "templates" && fs::exists(folder.parent_path() / "Chart.yaml", ignored)) return true;
    if (folder == folder.parent_path()) break;
  }
  return false;
}

void add_file(const fs::path& path, Sources& out) {
  const std::string name = path.string();
  const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat found{};
  SourceFile file{name, {}, is_chart_template(path)};
  if (fd < 0 || fstat(fd, &found) != 0) {
    out.problems.push_back({name, 0, 0, reason()});
  } else if (!S_ISREG(found.st_mode) && !S_ISFIFO(found.st_mode) && !S_ISCHR(found.st_mode)) {
    out.problems.push_back({name, 0, 0, "neither a file nor a folder"});
  } else if (static_cast<std::size_t>(found.st_size) > largest_file) {
    out.problems.push_back({name, 0, 0, too_large()});
  } else {
    if (!S_ISREG(found.st_mode)) fcntl(fd, F_SETFL, 0);
    if (read_all(fd, file.text, static_cast<std::size_t>(found.st_size)))
      out.files.push_back(std::move(file));
    else
      out.problems.push_back({name, 0, 0, reason()});
  }
  if (fd >= 0) ::close(fd);
}

bool is_excluded(const fs::path& path, const std::vector<std::string>& exclude) {
  const std::string name = path.lexically_normal().string();
  return std::any_of(exclude.begin(), exclude.end(), [&](const std::string& prefix) {
    const std::string normal = fs::path(prefix).lexically_normal().string();
    return name == normal || name.starts_with(normal.ends_with('/') ? normal : normal + "/");
  });
}

void add_folder(const fs::path& folder, const std::vector<std::string>& exclude, Sources& out) {
  static constexpr std::array<std::string_view, 2> skipped = {"node_modules", "vendor"};
  std::error_code error;
  std::vector<fs::path> found;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (name.starts_with('.') || is_excluded(at->path(), exclude) ||
          std::find(skipped.begin(), skipped.end(), name) != skipped.end())
        at.disable_recursion_pending();
    } else if (!name.starts_with('.') && has_manifest_name(at->path()) && at->is_regular_file(ignored) &&
               !is_excluded(at->path(), exclude)) {
      found.push_back(at->path());
    }
  }
  if (error) out.problems.push_back({folder.string(), 0, 0, error.message()});
  std::sort(found.begin(), found.end());
  for (const fs::path& path : found) add_file(path, out);
}

}  // namespace

std::string InputProblem::line_text() const {
  if (line == 0) return file + ": " + text;
  return fmt::format("{}:{}:{}: {}", file, line, column, text);
}

Sources read_sources(const std::vector<std::string>& paths, const std::vector<std::string>& exclude,
                     int standard_input) {
  Sources out;
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (path == "-") {
      SourceFile file{"<stdin>", {}, false};
      if (read_all(standard_input, file.text, 0))
        out.files.push_back(std::move(file));
      else
        out.problems.push_back({file.name, 0, 0, reason()});
    } else if (fs::is_directory(path, ignored)) {
      add_folder(path, exclude, out);
    } else {
      add_file(path, out);
    }
  }
  return out;
}

Sources read_chart(const std::string& directory) {
  Sources out;
  std::error_code ignored;
  if (!fs::exists(fs::path(directory) / "Chart.yaml", ignored)) {
    out.problems.push_back({directory, 0, 0, "no chart: it holds no Chart.yaml"});
    return out;
  }
  add_folder(fs::path(directory) / "templates", {}, out);
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    out.problems.push_back({directory, 0, 0, reason()});
    return out;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  std::array<std::string, 4> words = {"helm", "template", "release", directory};
  std::array<char*, 5> arguments = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  pid_t child = 0;
  const int failed = posix_spawnp(&child, "helm", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe_ends[1]);
  SourceFile rendered{directory + " (helm template)", {}, false};
  if (failed != 0) {
    out.problems.push_back({directory, 0, 0, "helm is not on PATH: install it, or pipe `helm template` into `-`"});
  } else {
    const bool whole = read_all(pipe_ends[0], rendered.text, 0);
    const std::string why = whole ? "" : reason();
    if (!whole) ::kill(child, SIGTERM);
    int status = 0;
    waitpid(child, &status, 0);
    if (!whole)
      out.problems.push_back({directory, 0, 0, why});
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      out.problems.push_back({directory, 0, 0, "helm template failed; its message stands above"});
    else
      out.files.push_back(std::move(rendered));
  }
  ::close(pipe_ends[0]);
  return out;
}

}  // namespace gatepost::lint
