// From the cause that the error's last clause names, and the facts that the checks found, to the root cause: the table
// data/root-causes.rules, read from top to bottom.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diagnose/subject.h"

namespace gatepost::diagnose {

struct Root {
  std::string_view id;          // "": none is known
  std::string_view confidence;  // certain, likely or possible
};

// The first rule of the table that holds, or none.
Root root_of(const Case& of);
// The further ones, less likely, without repeats.
std::vector<Root> others(const Case& of);

// Fills the finding's root cause, sentence, fix and next commands from the root's (or the cause's) page, with the names
// that are known.
void conclude(const Subject& subject, Case& of);

// What is wrong with the table, for a test.
std::vector<std::string> rule_errors();

}  // namespace gatepost::diagnose
