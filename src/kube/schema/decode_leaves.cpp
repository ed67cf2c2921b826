// The leaves of Go's types and the words of its errors.
#include <algorithm>

#include "base/base64.h"
#include "formats/quantity.h"
#include "json/cursor.h"
#include "json/write.h"
#include "kube/schema/decode_value.h"

namespace gatepost::kube {
namespace {

using Frame = DecodeFrame;

// What the JSON is, in the words of Go's decoder.
std::string_view json_word(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::string:
      return "string";
    case json::Kind::bool_:
      return "bool";
    case json::Kind::object:
      return "object";
    case json::Kind::array:
      return "array";
    case json::Kind::null:
      return "null";
    default:
      return "number";
  }
}

// "spec.volumes.VolumeSource.hostPath.path": the fields, without keys and indices.
std::string go_path(const Frame* frame) {
  if (!frame) return {};
  std::string path = go_path(frame->outer);
  if (!frame->field) return path;
  if (!path.empty()) path.push_back('.');
  return path.append(frame->field->go_path);
}

// Steps from `origin`, whose value the text is, to where the frame stands; of a key that comes twice to the last one.
std::string_view text_at(std::string_view text, const Frame* origin, const Frame* frame) {
  if (frame == origin || text.empty()) return text;
  json::Cursor cursor(text_at(text, origin, frame->outer));
  std::string_view found;
  char kind = cursor.peek();
  if (kind != '{' && kind != '[') return {};
  cursor.open();
  std::string own;
  std::string_view key = frame->field ? std::string_view(frame->field->name) : frame->key;
  for (std::size_t i = 0; cursor.more(); ++i) {
    bool wanted = kind == '{' ? cursor.key(own) == key : i == frame->index;
    std::string_view value = cursor.value();
    if (wanted) found = value;
  }
  return found;
}

bool in_range(const json::Value& value, std::int64_t least, std::int64_t most) {
  return value.is_int64() && value.get_int64() >= least && value.get_int64() <= most;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\n\v\f\r";
  std::size_t start = std::min(text.find_first_not_of(space), text.size());
  return text.substr(start, text.find_last_not_of(space) + 1 - start);
}

}  // namespace

std::string Decoder::mismatch_text(std::string_view word, std::string_view go_type, const Frame* frame) const {
  const Frame* field = boundary_ ? boundary_ : frame;
  while (field && !field->field) field = field->outer;
  std::string where = field ? "struct field " + field->owner->go_name + "." + go_path(frame) : std::string("value");
  return "json: cannot unmarshal " + std::string(word) + " into Go " + where + " of type " + std::string(go_type);
}

bool Decoder::save(std::string text) {
  if (!saved_) saved_ = std::move(text);
  return true;
}

bool Decoder::mismatch(const json::Value& value, const Schema& schema, const Frame* frame) {
  if (saved_) return true;
  return save(mismatch_text(json_word(value), schema.go_type(), frame));
}

bool Decoder::end(std::string text) {
  fatal_ = std::move(text);
  return false;
}

std::string Decoder::literal(const json::Value& value, const Frame* frame) {
  std::string_view written = looks_left_ > 0 ? text_at(text_, text_frame_, frame) : std::string_view();
  if (looks_left_ > 0) --looks_left_;
  return written.empty() ? json::write(value) : std::string(written);
}

bool Decoder::integer(json::Value& value, const Schema& schema, const Frame* frame, std::int64_t least,
                      std::int64_t most) {
  if (in_range(value, least, most) || saved_) return true;
  if (!value.is_number()) return mismatch(value, schema, frame);
  return save(mismatch_text("number " + literal(value, frame), schema.go_type(), frame));
}

bool Decoder::bytes(json::Value& value, const Schema& schema, const Frame* frame) {
  if (value.is_array()) return byte_list(value, frame);
  if (!value.is_string()) return mismatch(value, schema, frame);
  auto decoded = base64::decode(json::view(value.get_string()));
  if (!decoded) return save(std::move(decoded.error().text));
  std::string canonical = base64::encode(*decoded);
  if (canonical != json::view(value.get_string())) value = canonical;
  return true;
}

// [1, 2]: bytes may also come as numbers.
bool Decoder::byte_list(json::Value& value, const Frame* frame) {
  std::string content;
  Frame inner = Frame::of_item(frame, 0);
  for (json::Value& item : value.get_array()) {
    if (in_range(item, 0, 255))
      content.push_back(static_cast<char>(item.get_int64()));
    else if (item.is_null())
      content.push_back('\0');
    else if (item.is_number())
      save(mismatch_text("number " + literal(item, &inner), "uint8", frame));
    else
      save(mismatch_text(json_word(item), "uint8", frame));
    ++inner.index;
  }
  value = base64::encode(content);
  return true;
}

bool Decoder::quantity(json::Value& value, const Frame* frame) {
  if (value.is_string() && formats::is_usual_quantity(json::view(value.get_string()))) return true;
  std::string other = value.is_string() ? std::string() : literal(value, frame);
  auto parsed = formats::Quantity::parse(value.is_string() ? trimmed(json::view(value.get_string())) : other);
  if (!parsed) return end(std::move(parsed.error().text));
  std::string canonical = parsed->canonical();
  if (!value.is_string() || canonical != json::view(value.get_string())) value = canonical;
  return true;
}

bool Decoder::int_or_string(json::Value& value, const Frame* frame) {
  if (value.is_string() || in_range(value, INT32_MIN, INT32_MAX)) return true;
  std::string word = value.is_number() ? "number " + literal(value, frame) : std::string(json_word(value));
  return end(mismatch_text(word, "int32", frame));
}

bool Decoder::time(json::Value& value, formats::TimeLayout layout, const Frame* frame) {
  if (!value.is_string()) return end(mismatch_text(json_word(value), "string", frame));
  std::string_view written = json::view(value.get_string());
  if (formats::is_printed_time(written, layout)) return true;
  auto parsed = formats::parse_time(written, layout);
  if (!parsed) return end(std::move(parsed.error().text));
  if (parsed->is_zero())
    value = nullptr;  // as metav1.Time prints the year 1
  else
    value = parsed->print(layout);
  return true;
}

}  // namespace gatepost::kube
