#include "kube/internal_types/print.h"

#include <algorithm>
#include <vector>

#include "json/write.h"
#include "kube/internal_types/table.h"
#include "kube/internal_types/unified_diff.h"

namespace gatepost::kube {
namespace {

enum class Origin {
  request,  // lists and maps are as they came
  store,    // an empty list or map is none
};

bool is_unset(const json::Value* value) {
  return !value || value->is_null();
}

bool is_empty(const json::Value& value) {
  return (value.is_array() && value.get_array().empty()) || (value.is_object() && value.get_object().empty()) ||
         (value.is_string() && value.get_string().empty()) || (value.is_bool() && !value.get_bool()) ||
         (value.is_int64() && value.get_int64() == 0);
}

bool is_list_or_map(std::string_view type) {
  return type.starts_with("[]") || type.starts_with("map[]");
}

// What Go prints of a scalar that nothing was converted into.
std::string_view zero_of(std::string_view type) {
  if (type == "string") return "\"\"";
  if (type == "bool") return "false";
  if (type == "int" || type == "float" || type == "intorstring") return "0";
  if (type == "quantity") return "\"0\"";
  return "null";
}

class InternalPrinter {
 public:
  InternalPrinter(Origin origin, std::string& out) : origin_(origin), out_(out) {}

  // `around` is the object that holds the value, for what internal structs take from there.
  void value(const json::Value* value, std::string_view type, const json::Value* around) {
    if (type.starts_with('*')) {
      if (is_unset(value)) {
        out_ += "null";
        return;
      }
      return this->value(value, type.substr(1), around);
    }
    if (is_list_or_map(type)) return items(value, type);
    if (const InternalStruct* structure = internal_struct(type)) return object(value, *structure, around);
    if (is_unset(value))
      out_ += zero_of(type);
    else
      json::write(*value, out_);
  }

 private:
  void object(const json::Value* value, const InternalStruct& structure, const json::Value* around) {
    if (value && !value->is_object() && !value->is_null()) return json::write(*value, out_);
    char before = '{';
    fields(value, structure, around, before);
    if (before == '{') out_ += before;
    out_ += '}';
  }

  void fields(const json::Value* whole, const InternalStruct& structure, const json::Value* around, char& before) {
    for (const InternalField& field : structure.fields) {
      const json::Value* found = source(whole, field, around);
      if (field.name == "*") {
        if (const InternalStruct* inner = internal_struct(field.type)) fields(found, *inner, whole, before);
        continue;
      }
      if (field.omit_zero && is_unset(found)) continue;
      if (field.omit_empty && vanishes_if_empty(found, field.type)) continue;
      out_ += before;
      before = ',';
      json::write_string(field.name, out_);
      out_ += ':';
      if (field.always && is_unset(found))
        value(nullptr, field.type.substr(1), whole);
      else
        value(found, field.type, whole);
    }
  }

  static const json::Value* source(const json::Value* whole, const InternalField& field, const json::Value* around) {
    if (field.from == "-") return nullptr;
    if (field.from == ".") return whole;
    if (field.from.starts_with('^')) return around ? json::find(*around, field.from.substr(1)) : nullptr;
    if (!whole) return nullptr;
    const json::Value* found = json::find(*whole, field.from);
    return !field.older.empty() && (is_unset(found) || is_empty(*found)) ? json::find(*whole, field.older) : found;
  }

  // encoding/json never calls a struct empty.
  static bool vanishes_if_empty(const json::Value* value, std::string_view type) {
    if (type.starts_with('*')) return is_unset(value);
    if (!is_list_or_map(type) && (internal_struct(type) || type == "time" || type == "quantity")) return false;
    return is_unset(value) || is_empty(*value);
  }

  void items(const json::Value* value, std::string_view type) {
    if (is_unset(value) || (origin_ == Origin::store && is_empty(*value))) {
      out_ += "null";
    } else if (value->is_array()) {
      char before = '[';
      for (const json::Value& item : value->get_array()) {
        out_ += before;
        before = ',';
        this->value(&item, type.substr(2), nullptr);
      }
      out_ += before == '[' ? "[]" : "]";
    } else if (value->is_object()) {
      members(value->get_object(), internal_type_of_items(type));
    } else {
      json::write(*value, out_);
    }
  }

  void members(const json::Object& map, std::string_view type) {
    std::vector<const json::Object::value_type*> sorted;
    for (const auto& member : map) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->key() < b->key(); });
    char before = '{';
    for (const auto* member : sorted) {
      out_ += before;
      before = ',';
      json::write_string(member->key(), out_);
      out_ += ':';
      value(&member->value(), type, nullptr);
    }
    out_ += before == '{' ? "{}" : "}";
  }

  Origin origin_;
  std::string& out_;
};

// json.MarshalIndent with one blank a level, cut into lines that keep their ends.
std::vector<std::string> indented_lines(std::string_view compact) {
  std::vector<std::string> lines(1);
  std::size_t depth = 0;
  auto new_line = [&] {
    lines.back() += '\n';
    lines.emplace_back(depth, ' ');
  };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    char c = compact[i];
    if (c == '"') {
      std::size_t end = i + 1;
      while (end < compact.size() && compact[end] != '"') end += compact[end] == '\\' ? 2 : 1;
      lines.back() += compact.substr(i, end + 1 - i);
      i = end;
    } else if ((c == '{' || c == '[') && i + 1 < compact.size() && (compact[i + 1] == '}' || compact[i + 1] == ']')) {
      lines.back() += compact.substr(i++, 2);
    } else if (c == '{' || c == '[') {
      lines.back() += c;
      ++depth;
      new_line();
    } else if (c == '}' || c == ']') {
      --depth;
      new_line();
      lines.back() += c;
    } else if (c == ',') {
      lines.back() += c;
      new_line();
    } else {
      lines.back() += c;
      if (c == ':') lines.back() += ' ';
    }
  }
  lines.back() += '\n';
  return lines;
}

std::string print(const json::Value* value, std::string_view type, const json::Value* around, Origin origin) {
  std::string out;
  InternalPrinter(origin, out).value(value, type, around);
  return out;
}

}  // namespace

std::string internal_text(const json::Value* value, std::string_view type, const json::Value* around) {
  return print(value, type, around, Origin::request);
}

std::string internal_diff(const json::Value* before, const json::Value* now, std::string_view type) {
  return unified_diff(indented_lines(print(before, type, nullptr, Origin::store)),
                      indented_lines(print(now, type, nullptr, Origin::request)));
}

}  // namespace gatepost::kube
