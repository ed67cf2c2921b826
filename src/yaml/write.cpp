#include "yaml/write.h"

#include "json/write.h"
#include "yaml/write_scalar.h"

namespace gatepost::yaml {
namespace {

class Writer {
 public:
  std::string take() { return std::move(out_); }

  void document(const json::Value& value) {
    if (is_block(value)) {
      block(value, 0);
    } else {
      scalar(value, 2);
      out_.push_back('\n');
    }
  }

 private:
  static bool is_block(const json::Value& value) {
    return (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
  }

  void block(const json::Value& value, std::size_t indent) {
    if (value.is_object()) {
      bool first = true;
      for (const auto& member : value.get_object()) {
        if (!first || !at_item_) out_.append(indent, ' ');
        at_item_ = first = false;
        key(member.key(), indent);
        out_.push_back(':');
        member_value(member.value(), indent);
      }
      return;
    }
    bool first = true;
    for (const json::Value& item : value.get_array()) {
      if (!first || !at_item_) out_.append(indent, ' ');
      at_item_ = first = false;
      out_ += "- ";
      if (is_block(item)) {
        at_item_ = true;
        block(item, indent + 2);
      } else {
        scalar(item, indent + 2);
        out_.push_back('\n');
      }
    }
  }

  void member_value(const json::Value& value, std::size_t indent) {
    if (is_block(value)) {
      out_.push_back('\n');
      block(value, value.is_array() ? indent : indent + 2);
    } else {
      out_.push_back(' ');
      scalar(value, indent + 2);
      out_.push_back('\n');
    }
  }

  void scalar(const json::Value& value, std::size_t indent) {
    if (value.is_string())
      write_scalar(json::view(value.get_string()), indent, Place::value, out_);
    else
      json::write(value, out_);
  }

  void key(std::string_view text, std::size_t indent) {
    const bool is_long = is_long_key(text);
    if (is_long) out_ += "? ";
    write_scalar(text, indent + 2, Place::key, out_);
    if (!is_long) return;
    out_.push_back('\n');
    out_.append(indent, ' ');
  }

  std::string out_;
  bool at_item_ = false;  // behind "- ", where the first line needs no indentation
};

}  // namespace

std::string write(const json::Value& value) {
  Writer writer;
  writer.document(value);
  return writer.take();
}

}  // namespace gatepost::yaml
