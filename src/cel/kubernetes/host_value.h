// A host object that holds one C++ value: how libraries bring types of their own.
#pragma once

#include <span>
#include <string>

#include "cel/evaluation.h"
#include "cel/value.h"

namespace gatepost::cel {

// `Traits` names the type and says how values compare and print:
//   static const Type* type(); static bool equals(const T&, const T&); static std::string text(const T&);
template <class T, class Traits>
class HostValue final : public HostObject {
 public:
  explicit HostValue(T held) : value(std::move(held)) {}
  const Type* type() const override { return Traits::type(); }
  bool equals(const HostObject& other) const override {
    return Traits::equals(value, static_cast<const HostValue&>(other).value);
  }
  std::string text() const override { return Traits::text(value); }

  static Value make(Evaluation& evaluation, T held) {
    return Value::of_host(evaluation.arena.make<HostValue>(std::move(held)));
  }
  // The value held, or null for values of other types.
  static const T* get(const Value& from) {
    if (!from.is(ValueKind::Host) || from.host->type() != Traits::type()) return nullptr;
    return &static_cast<const HostValue*>(from.host)->value;
  }

  const T value;
};

// A list of texts, copied into the arena.
inline Value list_of_texts(Evaluation& evaluation, std::span<const std::string> texts) {
  Value* items = evaluation.arena.array<Value>(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) items[i] = evaluation.text(texts[i]);
  return Value::of_list({items, texts.size()});
}

inline Value optional_of(Evaluation& evaluation, const Value& value) {
  Value* kept = evaluation.arena.array<Value>(1);
  *kept = value;
  return Value::of_optional(kept);
}

}  // namespace gatepost::cel
