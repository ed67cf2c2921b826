// Decoding by a Go type, as sigs.k8s.io/json does it (encoding/json, but case-sensitive): the tree becomes in place
// what Go would print of the decoded struct. Bounded by the depth of the tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/go_time.h"
#include "json/value.h"
#include "kube/schema/types.h"

namespace gatepost::kube {

// Where the decoder stands: the fields, keys and items on the way to a value. A chain of frames on the call stack.
struct DecodeFrame {
  static constexpr std::size_t no_index = ~std::size_t{0};

  const DecodeFrame* outer = nullptr;
  const Schema* owner = nullptr;  // of `field`
  const Field* field = nullptr;   // null in maps and lists
  std::string_view key;           // in maps
  std::size_t index = no_index;   // in lists

  static DecodeFrame of_field(const DecodeFrame* outer, const Schema& owner, const Field& field) {
    return {outer, &owner, &field, {}, no_index};
  }
  static DecodeFrame of_key(const DecodeFrame* outer, std::string_view key) {
    return {outer, nullptr, nullptr, key, no_index};
  }
  static DecodeFrame of_item(const DecodeFrame* outer, std::size_t index) {
    return {outer, nullptr, nullptr, {}, index};
  }
};

// `unknown field "spec.foo"` and `duplicate field "spec.foo"`: at most 100, each once.
class StrictComplaints {
 public:
  void unknown(const DecodeFrame* frame, std::string_view name);
  void duplicate(const DecodeFrame* frame, std::string_view name);
  std::vector<std::string> take() { return std::move(texts_); }

 private:
  void add(std::string_view what, const std::string& path);
  std::vector<std::string> texts_;
};

// One decoding. `text` is the JSON that the tree was read from, for numbers as they were written; empty if there is
// none. Null `complaints`: nobody wants to hear of unknown fields.
class Decoder {
 public:
  Decoder(std::string_view text, StrictComplaints* complaints) : text_(text), complaints_(complaints) {}

  // `value` becomes what Go prints of it decoded into the type. False when decoding must end, which error() explains.
  bool decode(json::Value& value, const Schema& schema, const DecodeFrame* frame);

  // The same for a value that is all of `text`, which becomes the one for its numbers.
  bool decode_part(json::Value& value, const Schema& schema, const DecodeFrame* frame, std::string_view text);

  // Go's error: that of the first type with an UnmarshalJSON of its own that failed, which ends decoding, or else the
  // first mismatch.
  const std::optional<std::string>& error() const { return fatal_ ? fatal_ : saved_; }
  bool ended() const { return fatal_.has_value(); }

 private:
  bool structure(json::Value& value, const Schema& schema, const DecodeFrame* frame);
  bool field(json::Value& value, const Field& field, const DecodeFrame* frame, bool& keep);
  bool map(json::Value& value, const Schema& schema, const DecodeFrame* frame);
  bool list(json::Value& value, const Schema& schema, const DecodeFrame* frame);
  bool element(json::Value& value, const Schema& schema, const DecodeFrame* frame);
  bool any(json::Value& value, const Schema& schema, const DecodeFrame* frame);
  bool alternative(json::Value& value, const Schema& schema, const DecodeFrame* frame);
  bool integer(json::Value& value, const Schema& schema, const DecodeFrame* frame, std::int64_t least,
               std::int64_t most);
  bool bytes(json::Value& value, const Schema& schema, const DecodeFrame* frame);
  bool byte_list(json::Value& value, const DecodeFrame* frame);
  bool quantity(json::Value& value, const DecodeFrame* frame);
  bool int_or_string(json::Value& value, const DecodeFrame* frame);
  bool time(json::Value& value, formats::TimeLayout layout, const DecodeFrame* frame);

  std::string mismatch_text(std::string_view word, std::string_view go_type, const DecodeFrame* frame) const;
  std::string literal(const json::Value& value, const DecodeFrame* frame);
  bool save(std::string text);  // remembered if it is the first; decoding goes on
  bool mismatch(const json::Value& value, const Schema& schema, const DecodeFrame* frame);
  bool end(std::string text);  // an UnmarshalJSON failed

  std::string_view text_;
  const DecodeFrame* text_frame_ = nullptr;  // whose value text_ is
  const DecodeFrame* boundary_ = nullptr;    // in an UnmarshalJSON that decodes: where it was called
  StrictComplaints* complaints_;
  int looks_left_ = 64;  // each look for a number goes through the text
  std::optional<std::string> saved_, fatal_;
};

// The object in `text`, where keys come twice, as Go decodes such: structs and lists are decoded into what the first
// one left, everything else is replaced. `object` has still to be decoded; `error` is that of a leaf, read in the
// text's order. Complains of unknown and doubled fields.
struct MergedObject {
  json::Value object;
  std::optional<std::string> error;
};
MergedObject read_duplicates(std::string_view text, const Schema& schema, json::Storage arena,
                             StrictComplaints& complaints);

// What Go prints of the type's zero value.
void set_zero(json::Value& value, const Schema& schema);

}  // namespace gatepost::kube
