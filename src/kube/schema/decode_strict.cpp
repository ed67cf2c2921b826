#include <algorithm>

#include "kube/schema/decode_value.h"
#include "net/go_text.h"

namespace gatepost::kube {

namespace {

// "spec.containers[0]"
std::string path_of(const DecodeFrame* frame) {
  if (!frame) return {};
  std::string path = path_of(frame->outer);
  if (frame->index != DecodeFrame::no_index) return path.append("[").append(std::to_string(frame->index)).append("]");
  if (!path.empty()) path.push_back('.');
  return path.append(frame->field ? std::string_view(frame->field->name) : frame->key);
}

std::string path_of(const DecodeFrame* frame, std::string_view last) {
  std::string path = path_of(frame);
  if (frame) path.push_back('.');
  return path.append(last);
}

}  // namespace

void StrictComplaints::add(std::string_view what, const std::string& path) {
  constexpr std::size_t most = 100;  // as sigs.k8s.io/json
  if (texts_.size() >= most) return;
  std::string text = std::string(what) + " field " + net::go_quote(path);
  if (std::find(texts_.begin(), texts_.end(), text) == texts_.end()) texts_.push_back(std::move(text));
}

void StrictComplaints::unknown(const DecodeFrame* frame, std::string_view name) {
  add("unknown", path_of(frame, name));
}

void StrictComplaints::duplicate(const DecodeFrame* frame, std::string_view name) {
  add("duplicate", path_of(frame, name));
}

}  // namespace gatepost::kube
