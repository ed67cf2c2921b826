#include "envtest/assets.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <unistd.h>
#include <vector>

#include "envtest/apiserver.h"
#include "envtest/etcd.h"

namespace gatepost::envtest {
namespace {

namespace fs = std::filesystem;

constexpr const char* own_path = "/proc/self/exe";

// Beside the place and renamed, so that a program running from there goes on.
Result<void> replace_file(const fs::path& target, const std::function<void(const fs::path&, std::error_code&)>& make) {
  const fs::path beside = target.string() + ".new";
  std::error_code error;
  fs::remove(beside, error);
  make(beside, error);
  if (!error) fs::rename(beside, target, error);
  if (error) return fail("cannot write " + target.string() + ": " + error.message());
  return {};
}

}  // namespace

Result<void> write_assets(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return fail("cannot make the directory " + directory + ": " + error.message());
  const fs::path program = fs::path(directory) / "kube-apiserver";
  auto copied = replace_file(program, [](const fs::path& to, std::error_code& failed) {
    const fs::path from = fs::read_symlink(own_path, failed);
    if (!failed) fs::copy_file(from, to, failed);
    if (!failed)
      fs::permissions(to,
                      fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                          fs::perms::others_exec,
                      failed);
  });
  if (!copied) return copied;
  for (const char* name : {"etcd", "kubectl"}) {
    auto linked = replace_file(fs::path(directory) / name, [&](const fs::path& to, std::error_code& failed) {
      fs::create_hard_link(program, to, failed);
      if (failed) {
        failed.clear();
        fs::copy_file(program, to, failed);
      }
    });
    if (!linked) return linked;
  }
  return {};
}

std::string absolute_path(const std::string& directory) {
  std::error_code error;
  const fs::path path = fs::weakly_canonical(directory, error);
  return error ? directory : path.string();
}

std::optional<int> play_part(std::string_view program, std::span<const std::string> arguments) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  if (name == "kube-apiserver") return run_apiserver(arguments);
  if (name == "etcd") return run_etcd(arguments);
  if (name == "kubectl") return run_kubectl(arguments);
  return std::nullopt;
}

int run_kubectl(std::span<const std::string> arguments) {
  std::error_code error;
  const fs::path self = fs::read_symlink(own_path, error);
  std::string_view path = std::getenv("PATH") ? std::getenv("PATH") : "";
  std::vector<char*> words{const_cast<char*>("kubectl")};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  while (!path.empty()) {
    const std::string_view folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(folder.size() + 1, path.size()));
    const fs::path candidate = fs::path(folder) / "kubectl";
    if (folder.empty() || !fs::is_regular_file(candidate, error) || fs::equivalent(candidate, self, error)) continue;
    execv(candidate.c_str(), words.data());
  }
  std::fputs(
      "kubectl: these test assets bring no kubectl of their own, and there is none on PATH: install kubectl, or "
      "set TEST_ASSET_KUBECTL to one\n",
      stderr);
  return 1;
}

}  // namespace gatepost::envtest
