// What printers of JSON write through. json/write.h prints values as they are; a printer that knows more of them, such
// as the order of a struct's fields (kube/schema/print.h), goes through the objects itself.
#pragma once

#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "json/value.h"

namespace gatepost::json {

// Appends to a string through a block of its own: one growth check a block instead of one a byte.
class Output {
 public:
  explicit Output(std::string& out) : out_(out) {}
  Output(const Output&) = delete;
  ~Output() { flush(); }

  void byte(char c) {
    if (used_ == sizeof block_) flush();
    block_[used_++] = c;
  }

  void bytes(std::string_view text) {
    if (text.size() > sizeof block_ - used_) {
      flush();
      if (text.size() > sizeof block_) {
        out_.append(text);
        return;
      }
    }
    std::memcpy(block_ + used_, text.data(), text.size());
    used_ += text.size();
  }

  template <class Integer>
  void integer(Integer number) {
    if (sizeof block_ - used_ < 24) flush();
    used_ = static_cast<std::size_t>(std::to_chars(block_ + used_, block_ + sizeof block_, number).ptr - block_);
  }

  void number(double value);

  // A quoted string. What needs no escape, the most of it, is copied while it is looked at.
  void text(std::string_view text) {
    byte('"');
    if (text.size() <= sizeof block_ - used_) {
      std::size_t i = 0;
      while (i < text.size() && plain[static_cast<unsigned char>(text[i])]) {
        block_[used_ + i] = text[i];
        ++i;
      }
      used_ += i;
      text.remove_prefix(i);
    }
    if (!text.empty()) escaped(text);
    byte('"');
  }

 private:
  void escaped(std::string_view text);

  void flush() {
    out_.append(block_, used_);
    used_ = 0;
  }

  static constexpr std::array<bool, 256> plain = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x20; c < 0x80; ++c)
      table[c] = std::string_view("\"\\<>&").find(static_cast<char>(c)) == std::string_view::npos;
    return table;
  }();

  std::string& out_;
  std::size_t used_ = 0;
  char block_[2048];
};

// The value as it is.
void write(const Value& value, Output& out);

}  // namespace gatepost::json
