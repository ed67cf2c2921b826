// A place inside an object: keys and indices from its root. Printed as people write it:
// webhooks[0].clientConfig.caBundle, metadata.annotations["cert-manager.io/inject-ca-from"].
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatepost::lint {

struct Step {
  std::string key;
  std::size_t index = 0;
  bool is_index = false;
};

class Path {
 public:
  Path() = default;
  // Keys with dots between: Path("spec.template.spec").
  explicit Path(std::string_view dotted) { append(dotted); }

  Path operator/(std::string_view key) const;
  Path operator/(std::size_t index) const;
  Path operator/(const Path& below) const;

  const std::vector<Step>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }
  std::string text() const;

 private:
  void append(std::string_view dotted);
  std::vector<Step> steps_;
};

}  // namespace gatepost::lint
