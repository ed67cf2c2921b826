#include "lint/path.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace gatepost::lint {
namespace {

bool is_plain_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
}

}  // namespace

void Path::append(std::string_view dotted) {
  while (!dotted.empty()) {
    const std::size_t dot = std::min(dotted.find('.'), dotted.size());
    steps_.push_back({std::string(dotted.substr(0, dot)), 0, false});
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
  }
}

Path Path::operator/(std::string_view key) const {
  Path out = *this;
  out.steps_.push_back({std::string(key), 0, false});
  return out;
}

Path Path::operator/(std::size_t index) const {
  Path out = *this;
  out.steps_.push_back({{}, index, true});
  return out;
}

Path Path::operator/(const Path& below) const {
  Path out = *this;
  out.steps_.insert(out.steps_.end(), below.steps_.begin(), below.steps_.end());
  return out;
}

std::string Path::text() const {
  std::string out;
  for (const Step& step : steps_) {
    if (step.is_index)
      out += fmt::format("[{}]", step.index);
    else if (is_plain_key(step.key))
      out += (out.empty() ? "" : ".") + step.key;
    else
      out += fmt::format("[\"{}\"]", step.key);
  }
  return out;
}

}  // namespace gatepost::lint
