#include "apiserver/table/cells.h"

#include <algorithm>
#include <map>

#include "apiserver/table/human_duration.h"
#include "json/write.h"

namespace gatepost::apiserver {

void Row::separate() {
  if (!cells_.empty()) cells_.push_back(',');
}

void Row::text(std::string_view value) {
  separate();
  json::write_string(value, cells_);
}

void Row::number(std::int64_t value) {
  separate();
  cells_ += std::to_string(value);
}

void Row::json(const json::Value& value) {
  separate();
  json::write(value, cells_);
}

void Row::boolean(bool value) {
  separate();
  cells_ += value ? "true" : "false";
}

void Row::age(std::string_view timestamp) {
  text(age_of(timestamp, now_));
}

CellsOf cells_of(std::string_view group, std::string_view resource) {
  static const std::map<std::string, CellsOf, std::less<>> table = [] {
    std::map<std::string, CellsOf, std::less<>> all;
    for (const auto& family : {core_cells(), workload_cells(), network_cells(), policy_cells()})
      for (const CellsEntry& entry : family) all.emplace(entry.collection, entry.cells);
    return all;
  }();
  auto found = table.find(std::string(group) + "/" + std::string(resource));
  return found == table.end() ? nullptr : found->second;
}

std::string_view name_of(const json::Value& object) {
  return json::string_at(object, {"metadata", "name"});
}
std::string_view created(const json::Value& object) {
  return json::string_at(object, {"metadata", "creationTimestamp"});
}

std::string joined(const std::vector<std::string>& values, std::string_view separator, std::string_view none) {
  if (values.empty()) return std::string(none);
  std::string out;
  for (const std::string& value : values) {
    if (&value != &values.front()) out += separator;
    out += value;
  }
  return out;
}

void container_cells(const json::Value& spec, Row& row) {
  std::vector<std::string> names, images;
  if (const json::Array* containers = json::array_at(spec, {"containers"}))
    for (const json::Value& container : *containers) {
      names.emplace_back(json::string_at(container, {"name"}));
      images.emplace_back(json::string_at(container, {"image"}));
    }
  row.text(joined(names, ",", ""));
  row.text(joined(images, ",", ""));
}

std::string labels_cell(const json::Object* labels) {
  std::vector<std::string> terms;
  if (labels)
    for (const auto& label : *labels)
      terms.push_back(std::string(label.key()) + "=" +
                      std::string(label.value().is_string() ? json::view(label.value().get_string()) : ""));
  std::sort(terms.begin(), terms.end());
  return joined(terms);
}

std::string selector_cell(const json::Value* selector) {
  if (!selector) return "<none>";
  std::vector<std::string> terms;
  if (const json::Object* labels = json::object_at(*selector, {"matchLabels"}))
    for (const auto& label : *labels)
      terms.push_back(std::string(label.key()) + "=" +
                      std::string(label.value().is_string() ? json::view(label.value().get_string()) : ""));
  std::sort(terms.begin(), terms.end());
  if (const json::Array* expressions = json::array_at(*selector, {"matchExpressions"}))
    for (const json::Value& expression : *expressions) {
      std::string key(json::string_at(expression, {"key"}));
      std::string_view op = json::string_at(expression, {"operator"});
      std::vector<std::string> values;
      if (const json::Array* list = json::array_at(expression, {"values"}))
        for (const json::Value& value : *list)
          if (value.is_string()) values.emplace_back(json::view(value.get_string()));
      std::sort(values.begin(), values.end());
      if (op == "In") terms.push_back(key + " in (" + joined(values, ",", "") + ")");
      if (op == "NotIn") terms.push_back(key + " notin (" + joined(values, ",", "") + ")");
      if (op == "Exists") terms.push_back(key);
      if (op == "DoesNotExist") terms.push_back("!" + key);
    }
  return joined(terms);
}

}  // namespace gatepost::apiserver
