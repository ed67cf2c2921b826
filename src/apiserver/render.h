// The last step: an answer in the form that the client asked for (table, metadata only, YAML, indented).
#pragma once

#include <string>
#include <vector>

#include "apiserver/call.h"
#include "apiserver/table/table.h"

namespace gatepost::apiserver {

// One object: its bytes as they are, or rendered.
Answer render_object(const Call& call, Answer answer);

// Prints a list of objects piece by piece, so that a long one is never held whole: the caller may take what is in `out`
// away at any time.
class ListPrinter {
 public:
  ListPrinter(const kube::ResourceInfo& resource, const ListMeta& meta, std::string& out);
  void add(std::string_view object);
  void end() { out_ += "]}"; }

 private:
  std::string& out_;
  std::string type_;  // how an object begins; in a list its kind and version are left out
  bool first_ = true;
};

// A list of the call's resource.
std::string render_list(const Call& call, const std::vector<storage::Bytes>& objects, const ListMeta& meta);

// Compact JSON -> what is sent: YAML, indented, or ended with a line feed as by Go's encoder; the content type to send
// with it.
std::string encode_for(const Format& format, std::string json, std::string& content_type);

IncludeObject include_object(const Query& query);

}  // namespace gatepost::apiserver
