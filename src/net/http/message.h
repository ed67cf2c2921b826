// HTTP messages as values, for client and server alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatepost::net::http {

// Header fields in the order they came; names compare without case. All names and values lie in one string, so that a
// parsed message costs two allocations however many fields it has (none when the object is used again).
class Headers {
 public:
  // Where a field's name and value lie in text().
  struct Span {
    std::uint32_t name = 0, name_size = 0, value = 0, value_size = 0;
  };

  class Iterator {
   public:
    using value_type = std::pair<std::string_view, std::string_view>;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const Headers* headers, std::size_t at) : headers_(headers), at_(at) {}
    value_type operator*() const { return (*headers_)[at_]; }
    Iterator& operator++() { return ++at_, *this; }
    Iterator operator++(int) { return {headers_, at_++}; }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const Headers* headers_ = nullptr;
    std::size_t at_ = 0;
  };

  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    for (auto& [name, value] : fields) add(name, value);
  }

  void add(std::string_view name, std::string_view value);
  // Replaces every field of that name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  // The first value of `name`, empty when there is none. Valid until the object changes.
  std::string_view get(std::string_view name) const;
  // All values of `name` joined by ", ".
  std::string joined(std::string_view name) const;
  bool has(std::string_view name) const;
  // Whether a comma-separated list in any field of that name holds `token` (compared without case).
  bool has_token(std::string_view name, std::string_view token) const;

  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, spans_.size()}; }
  std::size_t size() const { return spans_.size(); }
  bool empty() const { return spans_.empty(); }
  std::pair<std::string_view, std::string_view> operator[](std::size_t i) const {
    const Span& s = spans_[i];
    return {std::string_view(text_).substr(s.name, s.name_size), std::string_view(text_).substr(s.value, s.value_size)};
  }
  void clear() {
    text_.clear();
    spans_.clear();
  }
  // Takes over a parsed head: `spans` point into `text`.
  void assign(std::string_view text, const std::vector<Span>& spans) {
    text_.assign(text);
    spans_.assign(spans.begin(), spans.end());
  }

 private:
  std::string text_;
  std::vector<Span> spans_;
};

struct Request {
  std::string method;
  std::string target;  // as on the wire: path and query
  Headers headers;
  std::string body;
};

struct Response {
  int status = 0;
  std::string reason;
  Headers headers;
  std::string body;
};

// The reason phrase of a status as Go's net/http has it ("Not Found"); empty for an unknown one.
std::string_view status_text(int status);

// Whether two ASCII words are equal without regard to case.
bool equal_fold(std::string_view a, std::string_view b);

}  // namespace gatepost::net::http
