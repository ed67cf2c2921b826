// HTTP messages as values, for client and server alike.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatepost::net::http {

// Header fields in the order they came; names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);
  // The first value of `name`, empty when there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
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

}  // namespace gatepost::net::http
