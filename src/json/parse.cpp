#include "json/parse.h"

#include <algorithm>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_set>

#include "json/scan_string.h"

namespace gatepost::json {
namespace {

constexpr std::size_t most_duplicates = 100;  // as sigs.k8s.io/json
constexpr std::size_t few_keys = 24;          // up to which comparing with each is faster than hashing

std::string bracketed(std::size_t index) {
  return "[" + std::to_string(index) + "]";
}

// What a JSON reader has open: an object or an array, and where in it the reader is.
struct Frame {
  bool object = false;
  std::size_t count = 0;      // members or items completed
  std::size_t first_key = 0;  // of this object, in the reader's list of keys
  std::string_view key;       // the current one
};

// Keys as they came. Their text is that of the document, or of `decoded` where it had escapes.
class KeyWatch {
 public:
  void enter(Frame& frame) { frame.first_key = keys_.size(); }
  void leave(const Frame& frame) {
    keys_.resize(frame.first_key);
    if (!hashed_.empty() && hashed_.back().first == frame.first_key) hashed_.pop_back();
  }

  // Whether this object had the key already.
  bool add(const Frame& frame, std::string_view key) {
    bool seen = false;
    std::size_t own = keys_.size() - frame.first_key;
    if (own < few_keys) {
      for (std::size_t i = frame.first_key; i < keys_.size() && !seen; ++i) seen = keys_[i] == key;
    } else {
      if (own == few_keys || hashed_.empty() || hashed_.back().first != frame.first_key) {
        hashed_.emplace_back(frame.first_key,
                             std::unordered_set<std::string_view>(
                                 keys_.begin() + static_cast<std::ptrdiff_t>(frame.first_key), keys_.end()));
      }
      seen = !hashed_.back().second.insert(key).second;
    }
    if (!seen) keys_.push_back(key);
    return seen;
  }

 private:
  std::vector<std::string_view> keys_;
  std::vector<std::pair<std::size_t, std::unordered_set<std::string_view>>> hashed_;
};

class Reader {
 public:
  Reader(std::string_view text, Storage arena, std::size_t max_depth, std::vector<std::string>* duplicates)
      : text_(text), max_depth_(max_depth), duplicates_(duplicates), stack_({}, buffer_, sizeof buffer_) {
    stack_.reset(std::move(arena));
  }

  Result<Value> read() {
    if (!document()) return fail(std::move(error_));
    return stack_.release();
  }

 private:
  // One value after the other without recursion: `frames_` is what is open.
  bool document() {
    for (;;) {
      if (!value()) return false;
      // A value is complete unless it opened something.
      while (!opened_) {
        if (frames_.empty()) {
          skip_space();
          return at_ == text_.size() || refuse("after top-level value");
        }
        if (!after_value()) return false;
        if (!closed_) break;
      }
    }
  }

  // Reads a whole scalar or empty container, or opens a container and stands before its first value.
  bool value() {
    opened_ = false;
    skip_space();
    if (at_ == text_.size()) return cut_off();
    switch (text_[at_]) {
      case '{':
        return open(true);
      case '[':
        return open(false);
      case '"': {
        std::string_view content;
        if (!string(content)) return false;
        stack_.push_string(content);
        return true;
      }
      case 't':
        return literal("true") && (stack_.push_bool(true), true);
      case 'f':
        return literal("false") && (stack_.push_bool(false), true);
      case 'n':
        return literal("null") && (stack_.push_null(), true);
      default:
        return number();
    }
  }

  bool open(bool object) {
    if (frames_.size() >= max_depth_) return fail_text("exceeded max depth");
    ++at_;
    skip_space();
    if (at_ == text_.size()) return cut_off();
    if (text_[at_] == (object ? '}' : ']')) {
      ++at_;
      if (object)
        stack_.push_object(0);
      else
        stack_.push_array(0);
      return true;
    }
    Frame& frame = frames_.emplace_back();
    frame.object = object;
    keys_.enter(frame);
    opened_ = true;
    return !object || key();
  }

  // Stands behind a value in a container: the next one follows, or the container ends.
  bool after_value() {
    Frame& frame = frames_.back();
    ++frame.count;
    closed_ = false;
    skip_space();
    if (at_ == text_.size()) return cut_off();
    char c = text_[at_];
    if (c == ',') {
      ++at_;
      skip_space();
      return !frame.object || key();
    }
    if (c != (frame.object ? '}' : ']'))
      return refuse(frame.object ? "after object key:value pair" : "after array element");
    ++at_;
    closed_ = true;
    if (frame.object)
      stack_.push_object(frame.count);
    else
      stack_.push_array(frame.count);
    keys_.leave(frame);
    frames_.pop_back();
    return true;
  }

  bool key() {
    if (at_ == text_.size()) return cut_off();
    if (text_[at_] != '"') return refuse("looking for beginning of object key string");
    Frame& frame = frames_.back();
    if (!string(frame.key)) return false;
    if (frame.key.data() == decoded_.data()) {
      if (duplicates_) frame.key = *kept_.insert(decoded_).first;
    }
    stack_.push_key(frame.key);
    if (duplicates_ && keys_.add(frame, frame.key)) note_duplicate();
    skip_space();
    if (at_ == text_.size()) return cut_off();
    if (text_[at_] != ':') return refuse("after object key");
    ++at_;
    return true;
  }

  void note_duplicate() {
    if (duplicates_->size() >= most_duplicates) return;
    std::string path;
    for (const Frame& frame : frames_) {
      if (!frame.object) {
        path += bracketed(frame.count);
      } else {
        if (!path.empty()) path.push_back('.');
        path += frame.key;
      }
    }
    if (std::find(duplicates_->begin(), duplicates_->end(), path) == duplicates_->end())
      duplicates_->push_back(std::move(path));
  }

  // Stands at the quote. `content` is of the text if it needs no decoding, else of decoded_.
  bool string(std::string_view& content) {
    std::size_t start = ++at_;
    at_ = end_of_plain_read(text_, at_);
    if (at_ < text_.size() && text_[at_] == '"') {
      content = text_.substr(start, at_ - start);
      ++at_;
      return true;
    }
    decoded_.clear();
    for (;;) {
      decoded_.append(text_.substr(start, at_ - start));
      if (at_ == text_.size()) return cut_off();
      auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        content = decoded_;
        return true;
      }
      if (c == '\\') {
        if (!escape()) return false;
      } else if (c < 0x20) {
        return refuse("in string literal");
      } else if (std::size_t length = utf8_length(text_, at_)) {
        decoded_.append(text_.substr(at_, length));
        at_ += length;
      } else {
        decoded_.append("\xef\xbf\xbd");
        ++at_;
      }
      start = at_;
      at_ = end_of_plain_read(text_, at_);
    }
  }

  bool escape() {
    if (++at_ == text_.size()) return cut_off();
    static constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    char c = text_[at_];
    if (std::size_t i = letters.find(c); i != std::string_view::npos) {
      decoded_.push_back(meanings[i]);
      ++at_;
      return true;
    }
    if (c != 'u') return refuse("in string escape code");
    ++at_;
    char32_t first = 0;
    if (!hex(first)) return false;
    if (first >= 0xd800 && first < 0xdc00 && text_.substr(at_, 2) == "\\u") {
      std::size_t before = at_;
      at_ += 2;
      char32_t second = 0;
      if (!hex(second)) return false;
      if (second >= 0xdc00 && second < 0xe000) {
        append_utf8(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), decoded_);
        return true;
      }
      at_ = before;
    }
    append_utf8(first >= 0xd800 && first < 0xe000 ? 0xfffd : first, decoded_);
    return true;
  }

  bool hex(char32_t& out) {
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ == text_.size()) return cut_off();
      char c = text_[at_];
      int digit = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
      if (digit < 0) return refuse("in \\u hexadecimal character escape");
      out = out << 4 | static_cast<char32_t>(digit);
    }
    return true;
  }

  bool literal(std::string_view word) {
    for (std::size_t i = 0; i < word.size(); ++i, ++at_) {
      if (at_ == text_.size()) return cut_off();
      if (text_[at_] != word[i])
        return refuse("in literal " + std::string(word) + " (expecting '" + std::string(1, word[i]) + "')");
    }
    return true;
  }

  bool digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }
  void digits() {
    while (digit()) ++at_;
  }

  bool number() {
    std::size_t start = at_;
    bool negative = text_[at_] == '-';
    if (negative) ++at_;
    if (!digit()) {
      if (negative && at_ == text_.size()) return cut_off();
      return refuse(negative ? "in numeric literal" : "looking for beginning of value");
    }
    if (text_[at_] == '0')
      ++at_;
    else
      digits();
    bool whole = true;
    if (at_ < text_.size() && text_[at_] == '.') {
      whole = false;
      ++at_;
      if (at_ == text_.size()) return cut_off();
      if (!digit()) return refuse("after decimal point in numeric literal");
      digits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      whole = false;
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (at_ == text_.size()) return cut_off();
      if (!digit()) return refuse("in exponent of numeric literal");
      digits();
    }
    return push_number(text_.substr(start, at_ - start), whole);
  }

  bool push_number(std::string_view text, bool whole) {
    const char *first = text.data(), *last = text.data() + text.size();
    if (whole) {
      std::int64_t small = 0;
      if (std::from_chars(first, last, small).ec == std::errc{}) {
        stack_.push_int64(small);
        return true;
      }
      std::uint64_t large = 0;
      if (*first != '-' && std::from_chars(first, last, large).ec == std::errc{}) {
        stack_.push_uint64(large);
        return true;
      }
    }
    double number = 0;
    auto read = std::from_chars(first, last, number);
    // from_chars says out of range for what is too small as well; Go calls that zero.
    if (read.ec == std::errc::result_out_of_range) number = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isinf(number))
      return fail_text("json: cannot unmarshal number " + std::string(text) + " into Go value of type float64");
    stack_.push_double(number);
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }

  bool fail_text(std::string text) {
    error_ = std::move(text);
    return false;
  }
  bool cut_off() { return fail_text("unexpected end of JSON input"); }
  bool refuse(std::string_view context) {
    return fail_text("invalid character " + shown(text_[at_]) + " " + std::string(context));
  }

  // A byte as Go quotes it: as the code point of that number.
  static std::string shown(char byte) {
    static constexpr char hex_digits[] = "0123456789abcdef";
    auto c = static_cast<unsigned char>(byte);
    static constexpr std::string_view named = "\a\b\f\n\r\t\v\\'", letters = "abfnrtv\\'";
    std::string out = "'";
    if (std::size_t i = named.find(byte); i != std::string_view::npos && byte != 0) {
      out += std::string("\\") + letters[i];
    } else if (c < 0x20 || c == 0x7f) {
      out += std::string("\\x") + hex_digits[c >> 4] + hex_digits[c & 15];
    } else if ((c >= 0x80 && c < 0xa1) || c == 0xad) {  // not printable as code points
      out += std::string("\\u00") + hex_digits[c >> 4] + hex_digits[c & 15];
    } else {
      append_utf8(c, out);
    }
    return out + "'";
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t max_depth_;
  std::vector<std::string>* duplicates_;
  unsigned char buffer_[4096];
  boost::json::value_stack stack_;
  std::vector<Frame> frames_;
  KeyWatch keys_;
  std::unordered_set<std::string> kept_;  // keys that had escapes
  std::string decoded_, error_;
  bool opened_ = false, closed_ = false;
};

}  // namespace

Result<Value> parse(std::string_view text, Storage arena, ParseOptions options) {
  return Reader(text, std::move(arena), options.max_depth, nullptr).read();
}

Result<StrictValue> parse_strict(std::string_view text, Storage arena, ParseOptions options) {
  std::vector<std::string> duplicates;
  auto value = Reader(text, std::move(arena), options.max_depth, &duplicates).read();
  if (!value) return fail_with(std::move(value.error()));
  return StrictValue{std::move(*value), std::move(duplicates)};
}

}  // namespace gatepost::json
