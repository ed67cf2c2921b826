// The libraries of functions, each a set of declarations with their implementations. An environment is made of those it
// wants.
#pragma once

#include "cel/declarations.h"

namespace gatepost::cel {

// The language itself: operators, conversions, strings, times, type names, standard macros.
// Those that differ between dialects go by that of the declarations.
void add_standard_library(Declarations& to);
void add_operators(Declarations& to);
void add_conversions(Declarations& to);
void add_text_functions(Declarations& to);
void add_time_functions(Declarations& to);

// Extensions of cel-go.
void add_optionals(Declarations& to);
enum class StringsVersion : int { V2 = 2, V4 = 4 };  // Kubernetes has 2: without reverse
void add_strings(Declarations& to, StringsVersion version);
void add_math(Declarations& to);
void add_lists(Declarations& to);
void add_sets(Declarations& to);
void add_encoders(Declarations& to);
void add_bindings(Declarations& to);
void add_blocks(Declarations& to);
void add_well_known_messages(Declarations& to);
void add_two_variable_comprehensions(Declarations& to);

// Kubernetes' own.
void add_urls(Declarations& to);
void add_regex(Declarations& to);
void add_kubernetes_lists(Declarations& to);
void add_quantities(Declarations& to);
void add_network(Declarations& to);
void add_named_formats(Declarations& to);
void add_semver(Declarations& to);
void add_authorizer(Declarations& to);
void add_json_patch(Declarations& to);

}  // namespace gatepost::cel
