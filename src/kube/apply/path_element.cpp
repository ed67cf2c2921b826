#include <charconv>

#include "json/parse.h"
#include "kube/apply/field_set.h"
#include "kube/patch/go_print.h"
#include "net/go_text.h"

namespace gatepost::kube::apply {
namespace {

int sign(int value) {
  return (value > 0) - (value < 0);
}

// Reads one JSON text from left to right, token by token. The texts of path elements are well formed: they were printed
// by this program or read by its parser.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : rest_(text) {}

  // A string with its quotes, a number, a word, or one character of punctuation; empty at the end.
  std::string_view next() {
    if (rest_.empty()) return {};
    std::size_t size = 1;
    if (rest_.front() == '"') {
      while (size < rest_.size() && rest_[size] != '"') size += rest_[size] == '\\' ? 2 : 1;
      ++size;
    } else if (std::string_view("{}[],:").find(rest_.front()) == std::string_view::npos) {
      while (size < rest_.size() && std::string_view("{}[],:\"").find(rest_[size]) == std::string_view::npos) ++size;
    }
    std::string_view token = rest_.substr(0, size);
    rest_.remove_prefix(token.size());
    return token;
  }

 private:
  std::string_view rest_;
};

// The order of values of different types: numbers, strings, booleans, lists, maps, null.
int rank(std::string_view token) {
  if (token.empty()) return -1;
  switch (token.front()) {
    case '"':
      return 1;
    case 't':
    case 'f':
      return 2;
    case '[':
      return 3;
    case '{':
      return 4;
    case 'n':
      return 5;
    case ',':
      return 7;
    case '}':
    case ']':
      return 6;  // a shorter list or map comes first
    default:
      return 0;
  }
}

double number(std::string_view token) {
  double value = 0;
  std::from_chars(token.data(), token.data() + token.size(), value);
  return value;
}

std::string unescaped(std::string_view token) {
  auto value = json::parse(token, json::Storage());
  return value && value->is_string() ? std::string(json::view(value->get_string())) : std::string(token);
}

int compare_strings(std::string_view left, std::string_view right) {
  if (left.find('\\') != std::string_view::npos || right.find('\\') != std::string_view::npos)
    return sign(unescaped(left).compare(unescaped(right)));
  left = left.substr(1, left.size() - 2);
  right = right.substr(1, right.size() - 2);
  return sign(left.compare(right));
}

int compare_json(std::string_view left, std::string_view right) {
  Tokens a(left), b(right);
  for (;;) {
    std::string_view x = a.next(), y = b.next();
    if (x.empty() && y.empty()) return 0;
    int left_rank = rank(x), right_rank = rank(y);
    if (left_rank != right_rank) return left_rank < right_rank ? -1 : 1;
    if (left_rank == 0) {
      double l = number(x), r = number(y);
      if (l != r) return l < r ? -1 : 1;
    } else if (left_rank == 1) {
      if (int order = compare_strings(x, y)) return order;
    } else if (int order = sign(x.compare(y))) {
      return order;  // false before true; the rest is equal
    }
  }
}

// As structured-merge-diff prints a value in a path: strings quoted, lists and maps in its own short form.
std::string printed_value(const json::Value& value) {
  std::string out;
  if (const json::Array* list = value.if_array()) {
    for (const json::Value& item : *list) out += (out.empty() ? "" : ",") + printed_value(item);
    return "[" + out + "]";
  }
  if (const json::Object* map = value.if_object()) {
    for (const auto& member : *map) out.append(member.key()).append("=").append(printed_value(member.value()));
    return out;
  }
  if (value.is_null()) return "null";
  if (value.is_string()) return net::go_quote(json::view(value.get_string()));
  return go_print(value);
}

}  // namespace

int compare(const PathElement& left, const PathElement& right) {
  if (left.kind != right.kind) return left.kind < right.kind ? -1 : 1;
  if (left.text == right.text) return 0;
  switch (left.kind) {
    case ElementKind::name:
      return sign(left.text.compare(right.text));
    case ElementKind::index: {
      double l = number(left.text), r = number(right.text);
      return (l > r) - (l < r);
    }
    case ElementKind::key:
    case ElementKind::value:
      break;
  }
  return compare_json(left.text, right.text);
}

std::string printed(const PathElement& element) {
  switch (element.kind) {
    case ElementKind::name:
      return "." + std::string(element.text);
    case ElementKind::index:
      return "[" + std::string(element.text) + "]";
    case ElementKind::value:
    case ElementKind::key:
      break;
  }
  auto value = json::parse(element.text, json::Storage());
  if (!value) return "{{invalid path element}}";
  if (element.kind == ElementKind::value) return "[=" + printed_value(*value) + "]";
  std::string out = "[";
  if (const json::Object* key = value->if_object())
    for (const auto& member : *key) {
      if (out.size() > 1) out += ",";
      out.append(member.key()).append("=").append(printed_value(member.value()));
    }
  return out + "]";
}

std::string printed(Path path) {
  std::string out;
  for (const PathElement& element : path) out += printed(element);
  return out;
}

}  // namespace gatepost::kube::apply
