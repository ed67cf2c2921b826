#include "json/cursor.h"

#include "json/parse.h"

namespace gatepost::json {

char Cursor::peek() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
    ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

void Cursor::open() {
  peek();
  ++at_;
}

bool Cursor::more() {
  char c = peek();
  if (c == ',' || c == ']' || c == '}') ++at_;
  return c != ']' && c != '}' && c != '\0';
}

std::string_view Cursor::key(std::string& own) {
  peek();
  std::size_t start = at_;
  skip_string();
  std::string_view quoted = text_.substr(start, at_ - start), plain = quoted.substr(1, quoted.size() - 2);
  peek();
  ++at_;  // the colon
  if (plain.find('\\') == std::string_view::npos) return plain;
  auto decoded = parse(quoted, {});
  own = decoded ? std::string(view(decoded->get_string())) : std::string(plain);
  return own;
}

std::string_view Cursor::value() {
  peek();
  std::size_t start = at_, depth = 0;
  do {
    switch (peek()) {
      case '"':
        skip_string();
        break;
      case '{':
      case '[':
        ++depth;
        ++at_;
        continue;
      case '}':
      case ']':
        --depth;
        ++at_;
        break;
      case ',':
      case ':':
        ++at_;
        continue;
      case '\0':
        return text_.substr(start);
      default:
        at_ = std::min(text_.find_first_of(",:]} \t\r\n", at_), text_.size());
    }
  } while (depth > 0);
  return text_.substr(start, at_ - start);
}

void Cursor::skip_string() {
  for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
    if (text_[at_] == '\\') ++at_;
  at_ = std::min(at_ + 1, text_.size());
}

}  // namespace gatepost::json
