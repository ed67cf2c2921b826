#include "kube/apply/fields_v1.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "json/parse.h"
#include "json/write.h"

namespace gatepost::kube::apply {
namespace {

// Whether a text has nothing that needs escapes, so that JSON has one way only to write it.
bool is_plain(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte >= 0x7f || c == '\\' || c == '<' || c == '>' || c == '&') return false;
  }
  return true;
}

bool is_one_plain_string(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.find('"', 1) == text.size() - 1 && is_plain(text);
}

// {"name":"web"}, by far the most frequent key.
bool is_one_plain_member(std::string_view text) {
  if (!text.starts_with("{\"") || !text.ends_with("\"}") || !is_plain(text)) return false;
  std::size_t colon = text.find("\":\"");
  if (colon == std::string_view::npos) return false;
  std::string_view name = text.substr(2, colon - 2), value = text.substr(colon + 3, text.size() - colon - 5);
  return name.find('"') == std::string_view::npos && value.find('"') == std::string_view::npos;
}

json::Value with_sorted_members(const json::Object& object) {
  std::vector<std::string_view> names;
  for (const auto& member : object) names.push_back(member.key());
  std::sort(names.begin(), names.end());
  json::Object out;
  for (std::string_view name : names) out[name] = object.at(name);
  return out;
}

Result<std::string_view> read_key(FieldArena& arena, std::string_view text) {
  if (is_one_plain_member(text)) return text;
  auto value = json::parse(text, json::Storage());
  if (!value) return fail("parsing key as path element: " + value.error().text);
  if (!value->is_object()) return fail("parsing key as path element: expect { or n");
  return arena.keep(json::write(with_sorted_members(value->get_object())));
}

Result<std::string_view> read_value(FieldArena& arena, std::string_view text) {
  if (is_one_plain_string(text)) return text;
  auto value = json::parse(text, json::Storage());
  if (!value) return fail("parsing key as path element: " + value.error().text);
  return arena.keep(json::write(*value));
}

Result<std::string_view> read_index(FieldArena& arena, std::string_view text) {
  std::int64_t index = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size())
    return fail("parsing key as path element: strconv.Atoi: parsing \"" + std::string(text) + "\": invalid syntax");
  return arena.keep(std::to_string(index));
}

// Nothing for an element of an unknown kind.
Result<std::optional<PathElement>> read_element(FieldArena& arena, std::string_view key) {
  if (key.size() < 2) return fail("parsing key as path element: key must be 2 characters long:");
  if (key[1] != ':') return fail("parsing key as path element: missing colon: " + std::string(key));
  std::string_view text = key.substr(2);
  auto made = [&](ElementKind kind, Result<std::string_view> read) -> Result<std::optional<PathElement>> {
    if (!read) return fail_with(std::move(read.error()));
    return PathElement{kind, *read};
  };
  switch (key[0]) {
    case 'f':
      return PathElement{ElementKind::name, text};
    case 'k':
      return made(ElementKind::key, read_key(arena, text));
    case 'v':
      return made(ElementKind::value, read_value(arena, text));
    case 'i':
      return made(ElementKind::index, read_index(arena, text));
    default:
      return std::optional<PathElement>();
  }
}

struct Level {
  FieldSet children = nullptr;
  bool member = false;
};

Result<Level> read_level(FieldArena& arena, const json::Value& fields, std::size_t depth) {
  if (depth > max_fields_depth) return fail("exceeded max depth");
  Level level;
  if (fields.is_null()) return Level{nullptr, true};
  if (!fields.is_object()) return fail("ReadMapCB: expect { or n, but found " + json::write(fields).substr(0, 1));
  std::vector<FieldNode*> nodes;
  nodes.reserve(fields.get_object().size());
  for (const auto& field : fields.get_object()) {
    std::string_view key = field.key();
    if (key == ".") {
      level.member = true;
      continue;
    }
    auto element = read_element(arena, key);
    if (!element) return fail_with(std::move(element.error()));
    if (!*element) continue;
    auto below = read_level(arena, field.value(), depth + 1);
    if (!below) return below;
    nodes.push_back(arena.node(**element, below->member, below->children));
  }
  level.children = sorted(arena, nodes);
  if (!level.children) level.member = true;
  return level;
}

enum class Self { no, yes };

json::Value write_level(FieldSet set, Self self, const json::Storage& storage, std::string& scratch) {
  json::Object out(storage);
  std::size_t size = self == Self::yes ? 1 : 0;
  for (FieldSet at = set; at; at = at->next) ++size;
  out.reserve(size);
  if (self == Self::yes) out.emplace(".", json::Object(storage));
  for (FieldSet at = set; at; at = at->next) {
    json::Value below = at->children ? write_level(at->children, at->member ? Self::yes : Self::no, storage, scratch)
                                     : json::Value(json::Object(storage));
    scratch.clear();
    append_element(at->element, scratch);
    out.emplace(scratch, std::move(below));
  }
  return out;
}

}  // namespace

Result<FieldSet> read_fields(FieldArena& arena, const json::Value& fields) {
  auto level = read_level(arena, fields, 0);
  if (!level) return fail_with(std::move(level.error()));
  return level->children;
}

json::Value write_fields(FieldSet set, const json::Storage& storage) {
  std::string scratch;
  return write_level(set, Self::no, storage, scratch);
}

void append_element(const PathElement& element, std::string& out) {
  constexpr char kinds[] = {'f', 'k', 'v', 'i'};
  out.push_back(kinds[static_cast<std::size_t>(element.kind)]);
  out.push_back(':');
  out.append(element.text);
}

}  // namespace gatepost::kube::apply
