#include "lint/node_edit.h"

#include <algorithm>

namespace gatepost::lint {

using yaml::Kind;
using yaml::Node;

DocumentEditor::DocumentEditor(const Manifest& manifest)
    : file_(manifest.file->text),
      tree_(yaml::read(manifest.part.text, {.max_depth = 200, .origin = manifest.part.origin, .failed_at = nullptr})) {}

DocumentEditor::Spot DocumentEditor::find(const Path& path) const {
  if (!tree_ || tree_->empty()) return {};
  Spot at{nullptr, &tree_->root()};
  for (const Step& step : path.steps()) {
    const auto children = tree_->children(*at.value);
    Spot next;
    if (step.is_index && at.value->kind == Kind::sequence && step.index < children.size())
      next.value = &(*tree_)[children[step.index]];
    if (!step.is_index && at.value->kind == Kind::mapping)
      for (std::size_t i = 0; i + 1 < children.size(); i += 2)
        if ((*tree_)[children[i]].text == step.key) next = {&(*tree_)[children[i]], &(*tree_)[children[i + 1]]};
    // What an alias stands for is written elsewhere, for others too.
    if (!next.value || next.value->kind == Kind::alias) return {};
    at = next;
  }
  return at;
}

std::uint32_t DocumentEditor::line_start(std::uint32_t offset) const {
  if (offset == 0) return 0;
  const std::size_t found = file_.rfind('\n', offset - 1);
  return found == std::string_view::npos ? 0 : static_cast<std::uint32_t>(found + 1);
}

std::uint32_t DocumentEditor::line_end(std::uint32_t offset) const {
  const std::size_t found = file_.find('\n', offset);
  return static_cast<std::uint32_t>(found == std::string_view::npos ? file_.size() : found + 1);
}

// The end of the last scalar or flow collection inside: block collections end only where the next token starts.
std::uint32_t DocumentEditor::last_byte(const Node& node) const {
  if (node.kind == Kind::scalar || node.kind == Kind::alias || node.style == yaml::Style::flow || node.children == 0)
    return node.end.offset;
  return last_byte((*tree_)[tree_->children(node).back()]);
}

std::size_t DocumentEditor::count(const Path& path) const {
  const Spot spot = find(path);
  if (!spot.value) return 0;
  return spot.value->kind == Kind::mapping ? spot.value->children / 2 : spot.value->children;
}

std::string DocumentEditor::text(const Path& path) const {
  const Spot spot = find(path);
  return spot.value && spot.value->kind == Kind::scalar ? std::string(spot.value->text) : std::string();
}

std::vector<std::string> DocumentEditor::texts(const Path& path) const {
  std::vector<std::string> out;
  const Spot spot = find(path);
  if (spot.value && spot.value->kind == Kind::sequence)
    for (yaml::NodeId id : tree_->children(*spot.value)) out.emplace_back((*tree_)[id].text);
  return out;
}

bool DocumentEditor::replace_scalar(const Path& path, const std::string& value) {
  const Spot spot = find(path);
  if (!spot.value || spot.value->kind != Kind::scalar) return false;
  const std::string_view text = spot.value->text;
  if (spot.value->style == yaml::Style::plain && (text.empty() || text == "null" || text == "~")) return false;
  const bool quoted = spot.value->style == yaml::Style::double_quoted;
  edits_.push_back({spot.value->start.offset, spot.value->end.offset, quoted ? "\"" + value + "\"" : value});
  return true;
}

void DocumentEditor::insert_member(const Path& mapping, const Lines& lines, const std::string& flow) {
  const Spot spot = find(mapping);
  if (!spot.value || spot.value->kind != Kind::mapping) return;
  const Node& node = *spot.value;
  const auto children = tree_->children(node);
  if (node.style == yaml::Style::flow) {
    const std::uint32_t brace = node.end.offset - 1;
    std::uint32_t at = brace;
    while (at > node.start.offset + 1 && std::string_view(" \t\r\n").find(file_[at - 1]) != std::string_view::npos)
      --at;
    const bool comma = at > 0 && file_[at - 1] == ',';
    edits_.push_back({at, at, (children.empty() ? "" : comma ? " " : ", ") + flow});
    return;
  }
  if (children.empty()) return;
  const Node& first = (*tree_)[children[0]];
  const std::size_t indent = first.start.column - 1;
  if (children.size() > 2) {
    const std::uint32_t at = line_start((*tree_)[children[2]].start.offset);
    edits_.push_back({at, at, lines(indent)});
    return;
  }
  const std::uint32_t last = last_byte(node);
  // A literal text ends behind its line break.
  const std::uint32_t at = last > 0 && file_[last - 1] == '\n' ? last : line_end(last);
  const bool breaks = at == 0 || file_[at - 1] == '\n';
  edits_.push_back({at, at, (breaks ? "" : "\n") + lines(indent)});
}

void DocumentEditor::replace_or_insert_member(const Path& mapping, const std::string& key, const Lines& lines,
                                              const std::string& flow) {
  const Spot holder = find(mapping), member = find(mapping / key);
  if (!member.value || !member.key) return insert_member(mapping, lines, flow);
  if (holder.value->style == yaml::Style::flow) {
    edits_.push_back({member.key->start.offset, member.value->end.offset, flow});
    return;
  }
  // From the key to the end of its line, a comment there goes along behind the first new line.
  std::string text = lines(member.key->start.column - 1);
  text.erase(0, member.key->start.column - 1);
  while (text.ends_with('\n')) text.pop_back();
  edits_.push_back({member.key->start.offset, std::max(member.value->end.offset, member.key->end.offset + 1), text});
}

void DocumentEditor::prepend_item(const Path& sequence, const Lines& lines, const std::string& flow) {
  const Spot spot = find(sequence);
  if (!spot.value || spot.value->kind != Kind::sequence || spot.value->children == 0) return;
  const Node& node = *spot.value;
  if (node.style == yaml::Style::flow) {
    edits_.push_back({node.start.offset + 1, node.start.offset + 1, flow + ", "});
    return;
  }
  const std::uint32_t at = line_start(node.start.offset);
  edits_.push_back({at, at, lines(node.start.column - 1)});
}

void DocumentEditor::append_text(const Path& sequence, const std::string& value) {
  const Spot spot = find(sequence);
  if (!spot.value || spot.value->kind != Kind::sequence) return;
  const Node& node = *spot.value;
  const auto children = tree_->children(node);
  if (node.style == yaml::Style::flow) {
    const bool quoted = !children.empty() && (*tree_)[children[0]].style == yaml::Style::double_quoted;
    std::uint32_t at = node.end.offset - 1;
    if (!children.empty()) at = (*tree_)[children.back()].end.offset;
    edits_.push_back({at, at, (children.empty() ? "" : ", ") + (quoted ? "\"" + value + "\"" : value)});
    return;
  }
  if (children.empty()) return;
  const std::uint32_t at = line_end((*tree_)[children.back()].end.offset);
  const bool breaks = file_[at - 1] == '\n';
  edits_.push_back({at, at, (breaks ? "" : "\n") + std::string(node.start.column - 1, ' ') + "- " + value + "\n"});
}

}  // namespace gatepost::lint
