#include "diagnose/nearest.h"

#include <algorithm>

namespace gatepost::diagnose {
namespace {

constexpr std::size_t longest = 253;  // of a name in Kubernetes

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t i = 0; i <= b.size(); ++i) row[i] = i;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> nearest(std::string_view wanted, const std::vector<std::string>& names) {
  constexpr std::size_t most = 3;
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const std::string& name : names) {
    if (name.size() > longest || wanted.size() > longest) continue;
    const bool part = name.find(wanted) != std::string::npos || wanted.find(name) != std::string_view::npos;
    const std::size_t apart = part ? 1 : distance(wanted, name);
    if (apart * 3 <= std::max(wanted.size(), name.size())) found.emplace_back(apart, name);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<std::string> out;
  for (auto& [apart, name] : found)
    if (out.size() < most) out.push_back(std::move(name));
  return out;
}

}  // namespace gatepost::diagnose
