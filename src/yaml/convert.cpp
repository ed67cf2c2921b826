#include "yaml/convert.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/base64.h"
#include "json/scan_string.h"
#include "json/write.h"
#include "yaml/scalar.h"

namespace gatepost::yaml {
namespace {

constexpr std::string_view core_tags = "tag:yaml.org,2002:";

// How much of a document's values aliases may bring: 99 % of a small one, falling to 10 % of a large one.
constexpr double few_values = 400'000, many_values = 4'000'000;

double allowed_alias_share(double values) {
  if (values <= few_values) return 0.99;
  if (values >= many_values) return 0.10;
  return 0.99 - 0.89 * ((values - few_values) / (many_values - few_values));
}

std::string go_quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else
      out.push_back(c);
  }
  return out + "\"";
}

// strconv.FormatFloat(f, 'g', -1, 32)
std::string short_float(double number) {
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
  char buffer[64];
  auto small = static_cast<float>(number);
  auto end = std::to_chars(buffer, buffer + sizeof buffer, small, std::chars_format::scientific).ptr;
  std::string text(buffer, end);
  int exponent = std::atoi(text.substr(text.find('e') + 1).c_str());
  if (exponent < -4 || exponent >= 6) return text;
  end = std::to_chars(buffer, buffer + sizeof buffer, small, std::chars_format::fixed).ptr;
  return {buffer, end};
}

// As a text of JSON holds bytes: what is no UTF-8 becomes U+FFFD.
std::string valid_utf8(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size();) {
    std::size_t length = json::utf8_length(bytes, i);
    if (length == 0)
      out += "\xef\xbf\xbd";
    else
      out += bytes.substr(i, length);
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

class Converter {
 public:
  Converter(const Tree& tree, json::Storage arena) : tree_(tree), arena_(std::move(arena)) {}

  Result<Converted> convert() {
    json::Value value(arena_);
    if (!tree_.empty() && !node(tree_.root(), value)) return fail(std::move(error_));
    return Converted{std::move(value), std::move(duplicates_)};
  }

 private:
  bool refuse(std::string text) {
    error_ = std::move(text);
    return false;
  }

  bool node(const Node& node, json::Value& out) {
    ++count_;
    if (alias_depth_ > 0) ++alias_count_;
    if (alias_count_ > 100 && count_ > 1000 &&
        static_cast<double>(alias_count_) / static_cast<double>(count_) >
            allowed_alias_share(static_cast<double>(count_)))
      return refuse("yaml: document contains excessive aliasing");
    switch (node.kind) {
      case Kind::alias:
        return alias(node, out);
      case Kind::scalar:
        return scalar(node, out);
      case Kind::sequence:
        return sequence(node, out);
      case Kind::mapping:
        return mapping(node, out.emplace_object());
    }
    return true;
  }

  bool alias(const Node& node, json::Value& out) {
    if (std::find(open_aliases_.begin(), open_aliases_.end(), node.target) != open_aliases_.end())
      return refuse("yaml: anchor '" + std::string(node.text) + "' value contains itself");
    open_aliases_.push_back(node.target);
    ++alias_depth_;
    bool ok = this->node(tree_[node.target], out);
    --alias_depth_;
    open_aliases_.pop_back();
    return ok;
  }

  static bool untagged_text(const Node& node) { return node.tag.empty() && node.style != Style::plain; }

  // What a scalar means by its tag and its text.
  std::optional<Scalar> meaning(const Node& node) {
    if (untagged_text(node) || node.tag == "!") return Scalar(node.text);
    if (node.tag.empty()) return resolve_plain(node.text);
    if (!node.tag.starts_with(core_tags)) return Scalar(node.text);
    std::string_view tag = node.tag.substr(core_tags.size());
    if (tag == "str") return Scalar(node.text);
    if (tag == "binary") {
      auto bytes = base64::decode(node.text);
      if (!bytes) {
        error_ = "yaml: !!binary value contains invalid base64 data";
        return std::nullopt;
      }
      decoded_ = valid_utf8(*bytes);
      return Scalar(std::string_view(decoded_));
    }
    Scalar resolved = resolve_plain(node.text);
    static constexpr std::string_view names[] = {"null", "bool", "int", "int", "float", "str"};
    std::string_view found = names[resolved.index()];
    if (tag == "float" && found == "int") {
      if (auto* whole = std::get_if<std::int64_t>(&resolved)) return Scalar(static_cast<double>(*whole));
      return resolved;
    }
    if (tag == found || tag == "timestamp" || (tag != "null" && tag != "bool" && tag != "int" && tag != "float"))
      return tag == "timestamp" || tag == found ? resolved : Scalar(node.text);
    error_ =
        "yaml: cannot decode !!" + std::string(found) + " `" + std::string(node.text) + "` as a !!" + std::string(tag);
    return std::nullopt;
  }

  // Go prints the number and reads it again as JSON, where a whole one is an integer.
  static json::Value as_read(double number) {
    if (number != std::trunc(number)) return number;
    std::string printed = json::write(json::Value(number));
    std::int64_t whole = 0;
    const char* end = printed.data() + printed.size();
    auto [stop, problem] = std::from_chars(printed.data(), end, whole);
    return problem == std::errc() && stop == end ? json::Value(whole) : json::Value(number);
  }

  bool scalar(const Node& node, json::Value& out) {
    auto meant = meaning(node);
    if (!meant) return false;
    struct Put {
      json::Value& out;
      std::string& error;
      bool operator()(std::monostate) { return out = nullptr, true; }
      bool operator()(bool value) { return out = value, true; }
      bool operator()(std::int64_t value) { return out = value, true; }
      bool operator()(std::uint64_t value) { return out = value, true; }
      bool operator()(double value) {
        if (std::isfinite(value)) return out = as_read(value), true;
        error = std::string("json: unsupported value: ") + (std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
        return false;
      }
      bool operator()(std::string_view value) { return out.emplace_string().assign(value.data(), value.size()), true; }
    };
    return std::visit(Put{out, error_}, *meant);
  }

  bool sequence(const Node& node, json::Value& out) {
    json::Array& list = out.emplace_array();
    list.reserve(node.children);
    for (NodeId child : tree_.children(node)) {
      list.emplace_back(nullptr);
      if (!this->node(tree_[child], list.back())) return false;
    }
    return true;
  }

  bool is_merge(const Node& key) const {
    return key.kind == Kind::scalar && key.text == "<<" &&
           ((key.tag.empty() && key.style == Style::plain) || key.tag == "tag:yaml.org,2002:merge");
  }

  bool mapping(const Node& node, json::Object& out) {
    auto children = tree_.children(node);
    out.reserve(out.size() + children.size() / 2);
    for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
      const Node &key_node = tree_[children[i]], &value = tree_[children[i + 1]];
      if (is_merge(key_node)) {
        if (!merge(value, out)) return false;
        continue;
      }
      std::string printed;
      auto key = key_text(key_node, value, printed);
      if (!key) return false;
      auto [member, is_new] = out.emplace(*key, nullptr);
      if (!is_new) duplicates_.push_back({printed.empty() ? go_quoted(*key) : printed, value.start.line});
      if (!this->node(value, member->value())) return false;
    }
    return true;
  }

  // "<<": the keys of other mappings, the earlier ones of a list first in rank.
  bool merge(const Node& node, json::Object& out) {
    if (node.kind == Kind::sequence) {
      auto children = tree_.children(node);
      for (std::size_t i = children.size(); i-- > 0;)
        if (!merge_one(tree_[children[i]], out)) return false;
      return true;
    }
    return merge_one(node, out);
  }

  bool merge_one(const Node& node, json::Object& out) {
    const Node& target = node.kind == Kind::alias ? tree_[node.target] : node;
    if (target.kind != Kind::mapping) return refuse("yaml: map merge requires map or sequence of maps as the value");
    json::Value merged(arena_);
    std::size_t told = duplicates_.size();
    if (!this->node(node, merged)) return false;
    duplicates_.resize(told);
    for (auto& member : merged.get_object()) out.insert_or_assign(member.key(), std::move(member.value()));
    return true;
  }

  // `printed`: the key as Go prints it, but for texts, which are left to go_quoted().
  std::optional<std::string> key_text(const Node& key_node, const Node& value, std::string& printed) {
    const Node& key = key_node.kind == Kind::alias ? tree_[key_node.target] : key_node;
    if (key.kind != Kind::scalar) {
      json::Value shown(arena_);
      if (node(key_node, shown)) refuse("yaml: invalid map key: " + go_syntax(shown));
      return std::nullopt;
    }
    auto meant = meaning(key);
    if (!meant) return std::nullopt;
    if (auto* text = std::get_if<std::string_view>(&*meant)) {
      return std::string(*text);
    }
    if (auto* whole = std::get_if<std::int64_t>(&*meant)) return printed = std::to_string(*whole);
    if (auto* truth = std::get_if<bool>(&*meant)) return printed = *truth ? "true" : "false";
    if (auto* number = std::get_if<double>(&*meant)) return printed = short_float(*number);
    json::Value shown(arena_);
    if (!node(value, shown)) return std::nullopt;
    bool null = std::holds_alternative<std::monostate>(*meant);
    refuse("unsupported map key of type: " + std::string(null ? "%!s(<nil>), key: <nil>" : "uint64, key: ") +
           (null ? "" : std::string(key.text)) + ", value: " + (shown.is_null() ? "<nil>" : go_syntax(shown)));
    return std::nullopt;
  }

  // As Go prints a decoded mapping or list with %#v.
  static std::string go_syntax(const json::Value& value) {
    if (value.is_null()) return "interface {}(nil)";
    if (value.is_string()) return go_quoted(json::view(value.get_string()));
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    if (value.is_double()) return short_float(value.get_double());
    std::vector<std::string> parts;
    if (value.is_array()) {
      for (const json::Value& item : value.get_array()) parts.push_back(go_syntax(item));
    } else {
      for (const auto& member : value.get_object())
        parts.push_back(go_quoted(member.key()) + ":" + go_syntax(member.value()));
      std::sort(parts.begin(), parts.end());
    }
    std::string out = value.is_array() ? "[]interface {}{" : "map[interface {}]interface {}{";
    for (const std::string& part : parts) out += (&part == &parts.front() ? "" : ", ") + part;
    return out + "}";
  }

  const Tree& tree_;
  json::Storage arena_;
  std::vector<Duplicate> duplicates_;
  std::vector<NodeId> open_aliases_;
  std::size_t count_ = 0, alias_count_ = 0, alias_depth_ = 0;
  std::string decoded_, error_;
};

}  // namespace

Result<Converted> convert(const Tree& tree, json::Storage arena) {
  return Converter(tree, std::move(arena)).convert();
}

Result<json::Value> parse(std::string_view text, json::Storage arena) {
  auto tree = read(text);
  if (!tree) return fail_with(std::move(tree.error()));
  auto converted = convert(*tree, std::move(arena));
  if (!converted) return fail_with(std::move(converted.error()));
  return std::move(converted->value);
}

std::string complaint(const Duplicate& duplicate) {
  return "line " + std::to_string(duplicate.line) + ": key " + duplicate.key + " already set in map";
}

std::string strict_complaint(const std::vector<Duplicate>& duplicates) {
  if (duplicates.empty()) return {};
  std::string out = "yaml: unmarshal errors:";
  for (const Duplicate& duplicate : duplicates) out += "\n  " + complaint(duplicate);
  return out;
}

}  // namespace gatepost::yaml
