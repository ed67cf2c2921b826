// Where a trailing clause ends and what it says: known clauses by the table, unknown ones by the shape of the text.
#pragma once

#include <string>

#include "explain/classify.h"
#include "explain/unfold.h"

namespace gatepost::explain {

// What stood before the tail; decides what an unknown tail can be.
enum class Before { webhook_name, client_prefix, post_url };

struct Tail {
  std::string text;
  std::string cause;  // never empty where text is not
  std::size_t end = 0;
  int shape = -1;
  int literals = 0;
  bool known = false;
};

// The tail at `at`, empty where the text broke off before it.
Tail read_tail(const Unfolded& record, std::size_t at, Before before);

// A message in a person's words from `at` on (a denial): to the end of the string or the record.
Tail read_message(const Unfolded& record, std::size_t at);

// Words alone, the first with a capital: how HTTP names its statuses.
bool is_reason_phrase(std::string_view text);

// record.text[begin, end) as one line.
std::string one_line(const Unfolded& record, std::size_t begin, std::size_t end,
                     const std::vector<std::size_t>& joins = {});

}  // namespace gatepost::explain
