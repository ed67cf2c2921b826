// A walk over the text of JSON that a parser has accepted, for what the tree of values does not keep: numbers as they
// were written, keys that came twice. It checks nothing again and allocates nothing but for keys with escapes.
#pragma once

#include <string>
#include <string_view>

namespace gatepost::json {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  // The first character of the next token.
  char peek();

  // for (cursor.open(); cursor.more();) { key (of objects), then value or open; }
  void open();                             // steps into the object or array
  bool more();                             // whether a member or item follows; steps behind the end if none does
  std::string_view key(std::string& own);  // decoded into `own` if it has escapes

  // The raw text of the next value, which is stepped over.
  std::string_view value();

 private:
  void skip_string();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace gatepost::json
