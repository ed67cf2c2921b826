// Objects as they were written: the values of those that rules look at, and where each stands. The YAML trees are not
// kept: a place is found by reading the object's document again, which only findings pay for.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "lint/path.h"
#include "lint/source.h"
#include "yaml/split.h"

namespace gatepost::lint {

struct Manifest {
  const SourceFile* file = nullptr;  // null: read from a cluster
  yaml::Part part;                   // the document
  Path base;                         // of an item of a List: items[3]
  json::Value value;
  std::string api_version, group, kind, ns, name;

  // The value at a path, null if there is none.
  const json::Value* at(std::initializer_list<std::string_view> keys) const { return json::find_path(value, keys); }
  std::string_view text(std::initializer_list<std::string_view> keys) const { return json::string_at(value, keys); }
  std::string_view annotation(std::string_view key) const { return text({"metadata", "annotations", key}); }
  std::string_view label(std::string_view key) const { return text({"metadata", "labels", key}); }
  const json::Object* labels() const { return json::object_at(value, {"metadata", "labels"}); }
};

struct Manifests {
  std::vector<json::Storage> arenas;  // of the values; outlive them
  std::deque<Manifest> list;          // in the order of the files
  std::vector<InputProblem> problems;
  std::vector<std::string> templates;  // files that are text for helm, so no YAML yet
  std::size_t documents = 0;
};

// Reads every document, on up to `threads` threads. What is no object of Kubernetes is passed over; so are kinds that
// no rule looks at, once their syntax has been checked.
Manifests read_manifests(const std::deque<SourceFile>& files, unsigned threads);

// The objects of a value that did not come from a file. `into` keeps it.
void add_object(json::Value object, Manifests& into);

// A place in a file: the line and column where the field starts, and the bytes that stand for it (its key and, where it
// is a scalar, its value).
struct Place {
  std::uint32_t line = 0, column = 0;
  std::uint32_t begin = 0, end = 0;  // in bytes of the file
};

// Finds places, remembering the document it looked at last.
class Places {
 public:
  // That of the field; where it is not written, of what would hold it.
  Place find(const Manifest& manifest, const Path& path);

 private:
  struct Document;
  std::shared_ptr<Document> last_;
};

}  // namespace gatepost::lint
