// What a complaint shows of a whole structure: the API server's own type as JSON, every member under its Go name and in
// the order of that type, whether it is set or not.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "kube/validation/field.h"

namespace gatepost::kube {

struct Member {
  std::string_view title;                // the Go name
  std::string_view name;                 // the name in the API
  std::string_view absent = "null";      // what is shown where it is not set
  std::span<const Member> members = {};  // of a member that is a structure itself
};

// "null" for a structure that is not there.
std::string shown_structure(const Field& structure, std::span<const Member> members);

// A map: in the order of its keys, as the server prints maps.
std::string shown_map(const Field& map);

}  // namespace gatepost::kube
