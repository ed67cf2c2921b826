#include "kube/apply/check.h"

#include <algorithm>
#include <vector>

#include "json/write.h"
#include "kube/apply/element_of.h"
#include "kube/apply/fields_v1.h"
#include "kube/patch/go_print.h"
#include "net/go_text.h"

namespace gatepost::kube::apply {
namespace {

// Numbers of a YAML body are Go's float64.
std::string go_type(const json::Value& value) {
  return value.is_number() ? "float64" : go_type_name(value);
}

// Go's %#v of a decoded document.
std::string go_syntax(const json::Value& value) {
  if (value.is_null()) return "interface {}(nil)";
  if (value.is_string()) return net::go_quote(json::view(value.get_string()));
  if (const json::Array* list = value.if_array()) {
    std::string out = "[]interface {}{";
    for (std::size_t i = 0; i < list->size(); ++i) out += (i ? ", " : "") + go_syntax((*list)[i]);
    return out + "}";
  }
  if (const json::Object* map = value.if_object()) {
    std::vector<std::string> members;
    for (const auto& member : *map) members.push_back(net::go_quote(member.key()) + ":" + go_syntax(member.value()));
    std::sort(members.begin(), members.end());
    std::string out = "map[string]interface {}{";
    for (std::size_t i = 0; i < members.size(); ++i) out += (i ? ", " : "") + members[i];
    return out + "}";
  }
  return json::write(value);
}

// A value as Go prints its wrapper with %v.
std::string wrapped(const json::Value& value) {
  return "&{" + go_print(value) + "}";
}

class Checker {
 public:
  Checker(FieldArena& arena, Doubled doubled) : arena_(arena), doubled_(doubled) {}

  void values(const Type& type, const json::Value& value, std::size_t depth) {
    if (type.kind != Type::Kind::typed || depth > max_fields_depth) return;
    switch (form_of(type, value)) {
      case Form::map:
        if (value.is_object()) return members(type, value.get_object(), depth);
        if (!value.is_null()) complain("expected map, got " + wrapped(value));
        return;
      case Form::list:
        if (value.is_array()) return items(type, value.get_array(), depth);
        if (!value.is_null()) complain("expected list, got " + wrapped(value));
        return;
      case Form::scalar:
        return scalar(type.schema->type, value);
    }
  }

  std::vector<std::string> complaints;

 private:
  void complain(const std::string& text) { complaints.push_back((path_.empty() ? "" : path_ + ": ") + text); }

  void scalar(SchemaType type, const json::Value& value) {
    if (value.is_null()) return;
    switch (type) {
      case SchemaType::int32:
      case SchemaType::int64:
      case SchemaType::number:
        if (!value.is_number()) complain("expected numeric (int or float), got " + go_type(value));
        return;
      case SchemaType::text:
      case SchemaType::bytes:
        if (!value.is_string())
          complain("expected string, got &value.valueUnstructured{Value:" + go_syntax(value) + "}");
        return;
      case SchemaType::boolean:
        if (!value.is_bool()) complain("expected boolean, got " + wrapped(value));
        return;
      default:
        if (value.is_structured()) complain("expected any scalar, got " + wrapped(value));
    }
  }

  void members(const Type& type, const json::Object& map, std::size_t depth) {
    for (const auto& member : map) {
      Type below = member_type(type, field_of(type, member.key()));
      Step step(path_, "." + std::string(member.key()));
      if (below.kind == Type::Kind::none) {
        complain("field not declared in schema");
        return;
      }
      values(below, member.value(), depth + 1);
    }
  }

  void items(const Type& type, const json::Array& list, std::size_t depth) {
    bool atomic = is_atomic(type, Form::list);
    std::vector<PathElement> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      std::string step_text = "[" + std::to_string(i) + "]";
      if (!atomic) {
        auto element = element_of(arena_, type, list[i]);
        if (!element) return complain("element " + std::to_string(i) + ": " + element.error().text);
        step_text = printed(*element);
        if (is_in(seen, *element) && doubled_ == Doubled::refused) complain("duplicate entries for key " + step_text);
        insert(seen, *element);
      }
      Step step(path_, step_text);
      values(item_type(type), list[i], depth + 1);
    }
  }

  static bool less(const PathElement& a, const PathElement& b) { return compare(a, b) < 0; }
  static bool is_in(const std::vector<PathElement>& sorted_elements, const PathElement& element) {
    return std::binary_search(sorted_elements.begin(), sorted_elements.end(), element, less);
  }
  static void insert(std::vector<PathElement>& sorted_elements, const PathElement& element) {
    sorted_elements.insert(std::upper_bound(sorted_elements.begin(), sorted_elements.end(), element, less), element);
  }

  // Takes a step into the value for as long as it lives.
  class Step {
   public:
    Step(std::string& path, const std::string& text) : path_(path), size_(path.size()) { path_ += text; }
    ~Step() { path_.resize(size_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& path_;
    std::size_t size_;
  };

  FieldArena& arena_;
  Doubled doubled_;
  std::string path_;
};

}  // namespace

std::optional<std::string> misfit(const Type& type, const json::Value& value, Doubled doubled) {
  FieldArena arena;
  Checker checker(arena, doubled);
  checker.values(type, value, 0);
  if (checker.complaints.empty()) return std::nullopt;
  if (checker.complaints.size() == 1) return checker.complaints.front();
  std::string out = "errors:";
  for (const std::string& complaint : checker.complaints) out += "\n  " + complaint;
  return out;
}

}  // namespace gatepost::kube::apply
