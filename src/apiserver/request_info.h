// RequestInfo: what a method and a path ask for, as kube-apiserver's RequestInfoFactory reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatepost::apiserver {

// The decoded query, in order.
class Query {
 public:
  static Query parse(std::string_view text);
  // The first value of `key`; empty when it is absent.
  std::string_view get(std::string_view key) const;
  bool has(std::string_view key) const;
  std::vector<std::string_view> all(std::string_view key) const;
  // Given, and neither "false" nor "0": also without a value (apimachinery's conversion of query parameters).
  bool flag(std::string_view key) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

struct RequestInfo {
  bool is_resource = false;
  bool in_namespace = false;  // the path names a namespace before the resource
  std::string verb;  // get list watch create update patch delete deletecollection proxy; lower-case method otherwise
  std::string path;  // decoded, without the query
  std::string raw_query;
  std::string group, version;
  std::string ns, resource, subresource, name;
  std::vector<std::string> rest;  // path segments behind the subresource (service proxy)
  std::string label_selector, field_selector;
  Query query;
};

// Reads the target. The field selector metadata.name=x names the object of a list or watch.
RequestInfo read_request_info(std::string_view method, std::string_view target);

}  // namespace gatepost::apiserver
