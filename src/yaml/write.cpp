#include "yaml/write.h"

#include <algorithm>
#include <cstdio>

#include "json/write.h"
#include "yaml/scalar.h"

namespace gatepost::yaml {
namespace {

bool is_safe_plain(std::string_view text) {
  static constexpr std::string_view starters = "!&*-?:,[]{}#|>@`\"'%= ";
  if (text.empty() || !is_plain_text(text)) return false;
  if (starters.find(text.front()) != std::string_view::npos &&
      !(text.front() == '-' && text.size() > 1 && text[1] != ' '))
    return false;
  if (text.back() == ' ' || text.back() == ':' || text.starts_with("---") || text.starts_with("...")) return false;
  // Base 60 numbers of older readers, and dates.
  if (text.front() >= '0' && text.front() <= '9' &&
      text.find_first_not_of("0123456789:-TZ.+ ") == std::string_view::npos)
    return false;
  return text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           auto u = static_cast<unsigned char>(c);
           return u >= 0x20 && u != 0x7f && u < 0x80;
         });
}

bool is_literal(std::string_view text) {
  return text.find('\n') != std::string_view::npos && text.front() != ' ' && text.front() != '\n' &&
         text.front() != '\t' && text.find(" \n") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           auto u = static_cast<unsigned char>(c);
           return (u >= 0x20 && u != 0x7f && u < 0x80) || c == '\n';
         });
}

// Characters that YAML allows in no document (or takes for a line break) and JSON has raw, as their UTF-8.
std::string_view not_printable(std::string_view text, std::size_t at) {
  if (text[at] == '\x7f') return text.substr(at, 1);
  if (text[at] == '\xc2' && static_cast<unsigned char>(text[at + 1]) < 0xa0) return text.substr(at, 2);
  for (std::string_view mark : {"\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf"})
    if (text.substr(at).starts_with(mark)) return text.substr(at, mark.size());
  return {};
}

// A double-quoted scalar: JSON's form, which is YAML's too, with those characters escaped.
void write_quoted(std::string_view text, std::string& out) {
  std::string quoted;
  json::write_string(text, quoted);
  for (std::size_t at = 0; at < quoted.size();) {
    std::string_view found = not_printable(quoted, at);
    if (found.empty()) {
      out.push_back(quoted[at++]);
      continue;
    }
    char escape[8];
    auto last = static_cast<unsigned char>(found.back());
    unsigned point = found.size() == 1                    ? last
                     : found.size() == 2                  ? last
                     : last == 0xbf && found[1] == '\xbb' ? 0xfeffu
                                                          : 0xffc0u + (last & 0x3f);
    std::snprintf(escape, sizeof escape, "\\u%04x", point);
    out += escape;
    at += found.size();
  }
}

class Writer {
 public:
  std::string take() { return std::move(out_); }

  void document(const json::Value& value) {
    if (is_block(value)) {
      block(value, 0);
    } else {
      scalar(value, 0);
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
        key(member.key());
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
      text(json::view(value.get_string()), indent);
    else
      json::write(value, out_);
  }

  void key(std::string_view text) {
    if (is_safe_plain(text))
      out_ += text;
    else
      write_quoted(text, out_);
  }

  void text(std::string_view text, std::size_t indent) {
    if (is_safe_plain(text))
      out_ += text;
    else if (!text.empty() && indent > 0 && is_literal(text))
      literal(text, indent);
    else
      write_quoted(text, out_);
  }

  void literal(std::string_view text, std::size_t indent) {
    out_ += text.ends_with("\n\n") ? "|+" : text.ends_with('\n') ? "|" : "|-";
    if (text.ends_with('\n')) text.remove_suffix(1);
    for (;;) {
      std::size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      out_.push_back('\n');
      if (!line.empty()) out_.append(indent, ' ');
      out_ += line;
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
    }
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
