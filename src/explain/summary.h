// Many errors -> findings: the same failure of the same webhook counted, with its first and last time, how it was let
// through or not, who met it. Bounded: at most 1,000 kinds of failure, 256 steps of time and 20 users and resources
// each.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "explain/occurrence.h"
#include "report/finding.h"

namespace gatepost::explain {

// Counts over time whose step doubles when the span outgrows it.
class Ticks {
 public:
  void add(std::int64_t time);
  std::optional<report::Timeline> timeline(std::size_t columns) const;  // nothing below two different times

 private:
  std::int64_t step_ = 1;
  std::map<std::int64_t, std::int64_t> counts_;
};

struct Seen {
  std::optional<std::int64_t> time;
  std::string_view context;         // the text around the error: its line, or the whole paste
  std::string_view user, resource;  // of an audit event
  bool by_api_server = false;       // the line is the API server's own log
};

struct Group {
  Occurrence error;  // the first, or the most specific
  std::int64_t count = 0, open = 0, closed = 0;
  std::optional<std::int64_t> first, last;
  std::set<std::string, std::less<>> users, resources;
  std::vector<report::Evidence> evidence;
  std::optional<int> least_timeout;
  Ticks ticks;
};

class Summary {
 public:
  void add(const Occurrence& error, const Seen& seen);

  std::int64_t total() const { return total_; }
  const std::vector<Group>& groups() const { return groups_; }
  const Ticks& ticks() const { return ticks_; }

  // Most telling first: a paste by how much the tail says, a log by how often.
  enum class Order { most_specific, most_frequent };
  report::Report report(Order order) const;

 private:
  std::vector<Group> groups_;
  std::map<std::string, std::size_t, std::less<>> by_key_;
  std::map<std::string, int, std::less<>> longest_timeout_;  // by webhook and address
  std::vector<std::string> announced_;                       // errors whose second log line is still to come
  std::int64_t total_ = 0;
  Ticks ticks_;
};

report::Finding to_finding(const Group& group, std::optional<int> longest_timeout = std::nullopt);

// One error by itself.
report::Finding to_finding(const Occurrence& error, std::string_view context);

}  // namespace gatepost::explain
