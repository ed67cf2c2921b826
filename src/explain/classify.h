// A trailing clause -> the cause that it names, by the table data/causes.tails.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::explain {

struct Clause {
  std::string_view cause;          // an id of the closed list; empty: not known
  std::size_t end = 0;             // behind the clause
  int literals = 0;                // how much of the text the table knows
  int shape = -1;                  // the row: equal for clauses that differ only in names, numbers and addresses
  bool known = false;              // false: only something before the clause was understood
  bool whole = true;               // false: the text broke off inside
  bool ambiguous = false;          // it broke off before anything that names a cause
  bool open = false;               // something follows that the table does not know
  std::vector<std::size_t> joins;  // hard wraps inside words
};

// The clause that starts at `at`.
Clause classify(std::string_view text, std::size_t at);

// The cause that the words of an unknown clause suggest, or "".
std::string_view hint(std::string_view clause);

// Where in an unknown clause something begins that other programs put behind an error; the text's size where nothing
// does.
std::size_t find_behind(std::string_view text);

// What is wrong with the table, for a test: rows that do not parse.
std::vector<std::string> table_errors();

}  // namespace gatepost::explain
