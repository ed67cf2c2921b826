#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <yaml.h>

#include "yaml/tree.h"

namespace gatepost::yaml {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t checkpoint_distance = 256;

// Eight bytes at a time: most manifests are plain.
bool is_ascii(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & high_bits) != 0) return false;
  }
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

// libyaml counts characters; places are told in bytes.
class ByteOffsets {
 public:
  explicit ByteOffsets(std::string_view text) : text_(text) {
    if (is_ascii(text)) return;
    for (std::size_t at = 0, characters = 0; at < text.size(); at = next(at), ++characters)
      if (characters % checkpoint_distance == 0) checkpoints_.push_back(static_cast<std::uint32_t>(at));
  }

  std::uint32_t of(std::size_t character) const {
    if (checkpoints_.empty()) return static_cast<std::uint32_t>(std::min(character, text_.size()));
    std::size_t checkpoint = std::min(character / checkpoint_distance, checkpoints_.size() - 1);
    std::size_t at = checkpoints_[checkpoint];
    for (std::size_t i = checkpoint * checkpoint_distance; i < character && at < text_.size(); ++i) at = next(at);
    return static_cast<std::uint32_t>(at);
  }

 private:
  std::size_t next(std::size_t at) const {
    ++at;
    while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xc0) == 0x80) ++at;
    return at;
  }

  std::string_view text_;
  std::vector<std::uint32_t> checkpoints_;
};

struct Event {
  yaml_event_t raw{};
  Event() = default;
  Event(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }
};

std::string_view text_of(const yaml_char_t* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view{};
}

}  // namespace

class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const ReadOptions& options)
      : options_(options),
        skipped_(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0),
        text_(text.substr(skipped_)),
        offsets_(text_) {
    parser_ready_ = yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text_.data()), text_.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  TreeBuilder(const TreeBuilder&) = delete;
  ~TreeBuilder() {
    if (parser_ready_) yaml_parser_delete(&parser_);
  }

  Result<Tree> build() {
    for (;;) {
      Event event;
      if (!yaml_parser_parse(&parser_, &event.raw)) {
        if (options_.failed_at) *options_.failed_at = failure_mark();
        return fail("yaml: " + problem());
      }
      switch (event.raw.type) {
        case YAML_SCALAR_EVENT:
          scalar(event.raw);
          break;
        case YAML_ALIAS_EVENT: {
          if (options_.failed_at) *options_.failed_at = mark(event.raw.start_mark);
          std::string_view name = text_of(event.raw.data.alias.anchor);
          auto found = anchors_.find(name);
          if (found == anchors_.end()) return fail("yaml: unknown anchor '" + std::string(name) + "' referenced");
          NodeId id = add(Kind::alias, event.raw);
          tree_.nodes_[id].text = keep(name);
          tree_.nodes_[id].target = found->second;
          complete(id);
          break;
        }
        case YAML_SEQUENCE_START_EVENT: {
          const auto& start = event.raw.data.sequence_start;
          if (!open(Kind::sequence, event.raw, start.anchor, start.tag,
                    start.style == YAML_FLOW_SEQUENCE_STYLE ? Style::flow : Style::block))
            return too_deep();
          break;
        }
        case YAML_MAPPING_START_EVENT: {
          const auto& start = event.raw.data.mapping_start;
          if (!open(Kind::mapping, event.raw, start.anchor, start.tag,
                    start.style == YAML_FLOW_MAPPING_STYLE ? Style::flow : Style::block))
            return too_deep();
          break;
        }
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
          close(event.raw);
          break;
        case YAML_DOCUMENT_END_EVENT:
        case YAML_STREAM_END_EVENT:
        case YAML_NO_EVENT:
          return std::move(tree_);
        default:
          break;
      }
    }
  }

 private:
  Failure<Error> too_deep() const { return fail("yaml: exceeded max depth of " + std::to_string(options_.max_depth)); }

  Mark mark(const yaml_mark_t& raw) const {
    Mark out = options_.origin;
    out.offset += offsets_.of(raw.index) + static_cast<std::uint32_t>(skipped_);
    out.line += static_cast<std::uint32_t>(raw.line);
    out.column = static_cast<std::uint32_t>(raw.column) + 1;
    return out;
  }

  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    return tree_.texts_.emplace_back(text);
  }

  NodeId add(Kind kind, const yaml_event_t& event) {
    auto id = static_cast<NodeId>(tree_.nodes_.size());
    Node& node = tree_.nodes_.emplace_back();
    node.kind = kind;
    node.start = mark(event.start_mark);
    node.end = mark(event.end_mark);
    return id;
  }

  void name(NodeId id, const yaml_char_t* anchor, const yaml_char_t* tag) {
    tree_.nodes_[id].tag = keep(text_of(tag));
    if (!anchor) return;
    tree_.nodes_[id].anchor = keep(text_of(anchor));
    anchors_[tree_.nodes_[id].anchor] = id;
  }

  void scalar(const yaml_event_t& event) {
    const auto& data = event.data.scalar;
    NodeId id = add(Kind::scalar, event);
    name(id, data.anchor, data.tag);
    Node& node = tree_.nodes_[id];
    node.text = keep({reinterpret_cast<const char*>(data.value), data.length});
    switch (data.style) {
      case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        node.style = Style::single_quoted;
        break;
      case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        node.style = Style::double_quoted;
        break;
      case YAML_LITERAL_SCALAR_STYLE:
        node.style = Style::literal;
        break;
      case YAML_FOLDED_SCALAR_STYLE:
        node.style = Style::folded;
        break;
      default:
        node.style = Style::plain;
    }
    complete(id);
  }

  bool open(Kind kind, const yaml_event_t& event, const yaml_char_t* anchor, const yaml_char_t* tag, Style style) {
    if (open_.size() >= options_.max_depth) {
      if (options_.failed_at) *options_.failed_at = mark(event.start_mark);
      return false;
    }
    NodeId id = add(kind, event);
    name(id, anchor, tag);
    tree_.nodes_[id].style = style;
    open_.push_back({id, pending_.size()});
    return true;
  }

  void close(const yaml_event_t& event) {
    auto [id, first] = open_.back();
    open_.pop_back();
    Node& node = tree_.nodes_[id];
    node.end = mark(event.end_mark);
    node.first_child = static_cast<std::uint32_t>(tree_.children_.size());
    node.children = static_cast<std::uint32_t>(pending_.size() - first);
    tree_.children_.insert(tree_.children_.end(), pending_.begin() + static_cast<std::ptrdiff_t>(first),
                           pending_.end());
    pending_.resize(first);
    complete(id);
  }

  void complete(NodeId id) {
    if (open_.empty())
      tree_.root_ = id;
    else
      pending_.push_back(id);
  }

  // A reader's error (bytes that are no UTF-8) has an offset instead of a mark.
  Mark failure_mark() const {
    if (parser_.error != YAML_READER_ERROR) return mark(parser_.problem_mark);
    const std::string_view before = text_.substr(0, std::min(parser_.problem_offset, text_.size()));
    const std::size_t line_start = before.rfind('\n') + 1;
    Mark out = options_.origin;
    out.offset += static_cast<std::uint32_t>(before.size() + skipped_);
    out.line += static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
    out.column = static_cast<std::uint32_t>(before.size() - line_start) + 1;
    return out;
  }

  // go-yaml: lines are told from the second one on, and the scanner's are counted from one.
  std::string problem() const {
    std::size_t line = 0;
    if (parser_.problem_mark.line != 0) {
      line = parser_.problem_mark.line + (parser_.error == YAML_SCANNER_ERROR ? 1 : 0);
    } else if (parser_.context_mark.line != 0) {
      line = parser_.context_mark.line;
    }
    std::string where;
    if (line != 0) where = "line " + std::to_string(line + options_.origin.line - 1) + ": ";
    return where + (parser_.problem ? parser_.problem : "unknown problem parsing YAML content");
  }

  struct Open {
    NodeId id;
    std::size_t first_pending;
  };

  ReadOptions options_;
  std::size_t skipped_;
  std::string_view text_;
  ByteOffsets offsets_;
  yaml_parser_t parser_{};
  bool parser_ready_ = false;
  Tree tree_;
  std::vector<Open> open_;
  std::vector<NodeId> pending_;
  std::map<std::string_view, NodeId, std::less<>> anchors_;
};

Result<Tree> read(std::string_view text, ReadOptions options) {
  return TreeBuilder(text, options).build();
}

}  // namespace gatepost::yaml
