#include "report/yaml.h"

#include "json/parse.h"
#include "report/json.h"
#include "yaml/write.h"

namespace gatepost::report {

std::string render_yaml(const Report& report) {
  const std::string text = render_json(report);
  auto value = json::parse(text, json::make_arena(text.size() * 2));
  return value ? yaml::write(*value) : text;  // JSON is YAML, too
}

}  // namespace gatepost::report
