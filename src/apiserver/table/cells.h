// The cells of one object's row, a function a kind. The order is that of the kind's columns in table-columns.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "json/value.h"

namespace gatepost::apiserver {

// Collects cells as JSON text.
class Row {
 public:
  explicit Row(WallTime now) : now_(now) {}
  void text(std::string_view value);
  void number(std::int64_t value);
  void boolean(bool value);
  void json(const json::Value& value);
  // The age of a time, or of the object's creation.
  void age(std::string_view timestamp);
  const std::string& cells() const { return cells_; }
  WallTime now() const { return now_; }

 private:
  void separate();
  std::string cells_;
  WallTime now_;
};

using CellsOf = void (*)(const json::Value& object, Row& row);

// The function for the resource (its group and name), or null: name and creation time then.
CellsOf cells_of(std::string_view group, std::string_view resource);

// Tables of the families below; each is a list of (group/resource, function).
struct CellsEntry {
  std::string_view collection;  // "apps/deployments"
  CellsOf cells;
};
std::vector<CellsEntry> core_cells();
std::vector<CellsEntry> workload_cells();
std::vector<CellsEntry> network_cells();
std::vector<CellsEntry> policy_cells();

// ---- what several kinds share

std::string_view name_of(const json::Value& object);
std::string_view created(const json::Value& object);
// "a,b,c" of the values, "<none>" when there are none.
std::string joined(const std::vector<std::string>& values, std::string_view separator = ",",
                   std::string_view none = "<none>");
// Containers' names and images of a pod template at `path`.
void container_cells(const json::Value& spec, Row& row);
// A LabelSelector in kubectl's form, "<none>" when it is empty.
std::string selector_cell(const json::Value* selector);
// A map in kubectl's form: "a=b,c=d", "<none>" when it is empty.
std::string labels_cell(const json::Object* labels);

}  // namespace gatepost::apiserver
