// Finds the errors of webhook calls in a text by their grammar: what the API server puts around them, the webhook's
// name, the URL, the trailing clause. Tolerant of wrappers, escapes, wraps and truncation; linear in the text for all
// that matters (each error is looked at within 16 KiB).
#pragma once

#include <string_view>
#include <vector>

#include "explain/occurrence.h"

namespace gatepost::explain {

// The errors that begin in [begin, end) of `text`, which must be clean (clean.h). Context may lie outside.
std::vector<Occurrence> read_errors(std::string_view text, std::size_t begin, std::size_t end);

// What a text without any such error is about: a call of something else, a bare trailing clause, or at least not a
// webhook. At most one, from the first 64 KiB; nothing for a long text that holds none of these.
std::vector<Occurrence> read_fragments(std::string_view text);

// Both: the errors, or else the fragment, or else nothing. `raw` need not be clean.
std::vector<Occurrence> read_text(std::string_view raw);

}  // namespace gatepost::explain
