#include "kube/validation/field.h"

#include <algorithm>

#include "json/write.h"
#include "kube/internal_types/print.h"
#include "kube/internal_types/table.h"
#include "net/go_text.h"

namespace gatepost::kube {
namespace {

std::string list_of(Choices supported) {
  std::string out;
  for (std::string_view choice : supported) {
    if (!out.empty()) out += ", ";
    out += net::go_quote(choice);
  }
  return out;
}

std::string with_detail(std::string text, const std::string& detail) {
  return detail.empty() ? text : text + ": " + detail;
}

bool is_nothing(const json::Value* value) {
  if (!value || value->is_null()) return true;
  if (value->is_object()) return value->get_object().empty();
  if (value->is_array()) return value->get_array().empty();
  if (value->is_string()) return value->get_string().empty();
  return false;
}

bool equal_objects(const json::Object& a, const json::Object& b) {
  for (const auto& member : a)
    if (!equal(&member.value(), b.if_contains(member.key()))) return false;
  for (const auto& member : b)
    if (!a.if_contains(member.key()) && !is_nothing(&member.value())) return false;
  return true;
}

}  // namespace

Field Field::item(std::size_t index) const& {
  const json::Array* list = array();
  Field out(this, {}, list && index < list->size() ? &(*list)[index] : nullptr);
  out.step_ = Step::index;
  out.index_ = index;
  return out;
}

Field Field::key(std::string_view key) const& {
  Field out(this, key, find(key));
  out.step_ = Step::key;
  return out;
}

Field Field::with(const json::Value* value) const {
  Field out = *this;
  out.value_ = value;
  return out;
}

std::string_view Field::text() const {
  return value_ && value_->is_string() ? json::view(value_->get_string()) : std::string_view{};
}

bool Field::is_one_of(std::initializer_list<std::string_view> texts) const {
  return std::find(texts.begin(), texts.end(), text()) != texts.end();
}

std::int64_t Field::integer(std::int64_t otherwise) const {
  return is_integer() ? value_->get_int64() : otherwise;
}

bool Field::is_integer() const {
  return value_ && value_->is_int64();
}

std::size_t Field::size() const {
  if (const json::Array* list = array()) return list->size();
  if (const json::Object* map = object()) return map->size();
  return 0;
}

std::string Field::path() const {
  std::string out = parent_ ? parent_->path() : std::string();
  switch (step_) {
    case Step::root:
      break;
    case Step::name:
      if (!out.empty()) out.push_back('.');
      out += name_;
      break;
    case Step::index:
      out += "[" + std::to_string(index_) + "]";
      break;
    case Step::key:
      out += "[" + std::string(name_) + "]";
      break;
  }
  return out;
}

std::string_view Field::internal_type() const {
  switch (step_) {
    case Step::root:
      return value_ ? internal_type_of(*value_) : std::string_view();
    case Step::name: {
      std::string_view around = parent_->internal_type();
      std::string_view item = internal_type_of_items(around);
      return item.empty() ? internal_type_of_field(around, name_) : item;
    }
    case Step::index:
    case Step::key:
      return internal_type_of_items(parent_->internal_type());
  }
  return {};
}

std::string Field::shown() const {
  if (value_ && (value_->is_string() || value_->is_bool() || value_->is_number())) return kube::shown(value_);
  std::string_view type = internal_type();
  return type.empty() ? kube::shown(value_) : internal_text(value_, type, parent_ ? parent_->value_ : nullptr);
}

std::string shown(std::string_view text) {
  return net::go_quote(text);
}

std::string shown(std::int64_t number) {
  return std::to_string(number);
}

std::string shown(const json::Value* value) {
  if (!value) return "null";
  return value->is_string() ? net::go_quote(json::view(value->get_string())) : json::write(*value);
}

void Errors::add(std::string_view reason, const Field& field, std::string message) {
  std::string path = field.path();
  list_.push_back({std::string(reason), path.empty() ? "<nil>" : std::move(path), std::move(message)});
}

void Errors::required(const Field& field, std::string detail) {
  add("FieldValueRequired", field, with_detail("Required value", detail));
}

void Errors::invalid(const Field& field, std::string detail) {
  invalid_shown(field, field.shown(), std::move(detail));
}

void Errors::invalid_text(const Field& field, std::string_view value, std::string detail) {
  invalid_shown(field, shown(value), std::move(detail));
}

void Errors::invalid_number(const Field& field, std::int64_t value, std::string detail) {
  invalid_shown(field, shown(value), std::move(detail));
}

void Errors::invalid_shown(const Field& field, std::string shown_value, std::string detail) {
  add("FieldValueInvalid", field, with_detail("Invalid value: " + std::move(shown_value), detail));
}

void Errors::invalid_omitted(const Field& field, std::string detail) {
  add("FieldValueInvalid", field, with_detail("Invalid value", detail));
}

void Errors::invalid_each(const Field& field, std::string_view value, const std::vector<std::string>& complaints) {
  for (const std::string& complaint : complaints) invalid_text(field, value, complaint);
}

void Errors::not_supported(const Field& field, Choices supported) {
  not_supported_shown(field, field.present() ? shown(field.value()) : "\"\"", supported);
}

void Errors::not_supported_shown(const Field& field, std::string shown_value, Choices supported) {
  add("FieldValueNotSupported", field,
      "Unsupported value: " + std::move(shown_value) + ": supported values: " + list_of(supported));
}

void Errors::forbidden(const Field& field, std::string detail) {
  add("FieldValueForbidden", field, with_detail("Forbidden", detail));
}

void Errors::duplicate(const Field& field) {
  duplicate_shown(field, field.shown());
}

void Errors::duplicate_shown(const Field& field, std::string shown_value, std::string detail) {
  add("FieldValueDuplicate", field, with_detail("Duplicate value: " + std::move(shown_value), detail));
}

void Errors::not_found(const Field& field, std::string_view value, std::string detail) {
  add("FieldValueNotFound", field, with_detail("Not found: " + shown(value), detail));
}

void Errors::too_long(const Field& field, std::size_t most) {
  add("FieldValueTooLong", field,
      "Too long: may not be more than " + std::to_string(most) + (most == 1 ? " byte" : " bytes"));
}

void Errors::too_many(const Field& field, std::size_t count, std::size_t most) {
  add("FieldValueTooMany", field,
      "Too many: " + std::to_string(count) + ": must have at most " + std::to_string(most) +
          (most == 1 ? " item" : " items"));
}

void Errors::internal(const Field& field, std::string detail) {
  add("InternalError", field, with_detail("Internal error", detail));
}

void Errors::choice(const Field& field, Choices supported, std::string_view required_detail) {
  if (field.text().empty())
    required(field, std::string(required_detail));
  else if (std::find(supported.begin(), supported.end(), field.text()) == supported.end())
    not_supported(field, supported);
}

void Errors::non_negative(const Field& field) {
  if (field.integer() < 0) invalid(field, "must be greater than or equal to 0");
}

bool equal(const json::Value* a, const json::Value* b) {
  if (is_nothing(a) || is_nothing(b)) return is_nothing(a) && is_nothing(b);
  if (a->is_object() && b->is_object()) return equal_objects(a->get_object(), b->get_object());
  if (a->is_array() && b->is_array())
    return std::equal(a->get_array().begin(), a->get_array().end(), b->get_array().begin(), b->get_array().end(),
                      [](const json::Value& x, const json::Value& y) { return equal(&x, &y); });
  return *a == *b;
}

void immutable_unless_equal(Errors& errors, const Field& now, const Field& before) {
  if (!equal(now, before)) errors.immutable(now);
}

}  // namespace gatepost::kube
