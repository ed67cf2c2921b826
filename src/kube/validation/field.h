// What the rules of all kinds are written with: Field, a place in an object with its value, and Errors, the list of
// complaints with the texts of apimachinery's field errors. A path costs nothing until it is printed: a Field points to
// the one it was taken from, which therefore must be a named object that lives at least as long.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "kube/status.h"

namespace gatepost::kube {

class Field {
 public:
  explicit Field(const json::Value* root) : value_(root) {}

  Field operator[](std::string_view name) const& { return Field(this, name, find(name)); }
  Field operator[](std::string_view name) const&& = delete;
  // An item of a list, a value of a map.
  Field item(std::size_t index) const&;
  Field item(std::size_t index) const&& = delete;
  Field key(std::string_view key) const&;
  Field key(std::string_view key) const&& = delete;
  // The same place with another value (a part of the name, a computed value).
  Field with(const json::Value* value) const;

  const json::Value* value() const { return value_; }
  bool present() const { return value_ && !value_->is_null(); }
  std::string_view text() const;  // "" if there is none
  bool is(std::string_view text_value) const { return text() == text_value; }
  bool is_one_of(std::initializer_list<std::string_view> texts) const;
  std::int64_t integer(std::int64_t otherwise = 0) const;
  bool is_integer() const;
  bool truth(bool otherwise = false) const { return value_ && value_->is_bool() ? value_->get_bool() : otherwise; }
  std::size_t size() const;  // of a list or map
  bool empty() const { return size() == 0; }
  const json::Object* object() const { return value_ ? value_->if_object() : nullptr; }
  const json::Array* array() const { return value_ ? value_->if_array() : nullptr; }

  std::string path() const;

  // The value as the texts show it: a struct or list as kube-apiserver's internal type prints, what is unset as the
  // zero of its type, where the object's kind is known.
  std::string shown() const;

 private:
  enum class Step : std::uint8_t { root, name, index, key };
  Field(const Field* parent, std::string_view name, const json::Value* value)
      : parent_(parent), name_(name), step_(Step::name), value_(value) {}
  std::string_view internal_type() const;  // as kube/internal_types names it; empty: not known
  const json::Value* find(std::string_view name) const { return value_ ? json::find(*value_, name) : nullptr; }

  const Field* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  Step step_ = Step::root;
  const json::Value* value_ = nullptr;
};

// Runs `each(item)` over a list's items.
template <class Each>
void for_each(const Field& list, Each each) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    Field item = list.item(i);
    each(item);
  }
}

// Values as error texts show them.
std::string shown(std::string_view text);
std::string shown(std::int64_t number);
std::string shown(const json::Value* value);  // "null" for none

using Choices = std::initializer_list<std::string_view>;

class Errors {
 public:
  void required(const Field& field, std::string detail = {});
  void invalid(const Field& field, std::string detail);  // shows the field's own value
  void invalid_text(const Field& field, std::string_view value, std::string detail);
  void invalid_number(const Field& field, std::int64_t value, std::string detail);
  void invalid_shown(const Field& field, std::string shown_value, std::string detail);
  void invalid_omitted(const Field& field, std::string detail);  // no value shown
  // One complaint for each of `complaints`.
  void invalid_each(const Field& field, std::string_view value, const std::vector<std::string>& complaints);
  void not_supported(const Field& field, Choices supported);
  void not_supported_shown(const Field& field, std::string shown_value, Choices supported);
  void forbidden(const Field& field, std::string detail);
  void duplicate(const Field& field);
  void duplicate_shown(const Field& field, std::string shown_value, std::string detail = {});
  void not_found(const Field& field, std::string_view value, std::string detail = {});
  void too_long(const Field& field, std::size_t most);
  void too_many(const Field& field, std::size_t count, std::size_t most);
  void internal(const Field& field, std::string detail);
  void immutable(const Field& field) { invalid(field, "field is immutable"); }

  // Required when empty, else unsupported unless it is one of `supported`.
  void choice(const Field& field, Choices supported, std::string_view required_detail = {});
  void non_negative(const Field& field);

  // A complaint that was made elsewhere.
  void put(FieldError error) { list_.push_back(std::move(error)); }

  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size(); }
  std::vector<FieldError> take() { return std::move(list_); }

 private:
  void add(std::string_view reason, const Field& field, std::string message);
  std::vector<FieldError> list_;
};

// Semantic equality: absent, null, empty list, empty map and empty text are the same.
bool equal(const json::Value* a, const json::Value* b);
inline bool equal(const Field& a, const Field& b) {
  return equal(a.value(), b.value());
}
void immutable_unless_equal(Errors& errors, const Field& now, const Field& before);

}  // namespace gatepost::kube
