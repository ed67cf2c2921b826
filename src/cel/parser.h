// Tokens -> syntax tree. It decides, reports and recovers as the parser that ANTLR generates from CEL's grammar does
// (prediction, single-token deletion and insertion, resynchronisation), because its error texts are part of the answer.
// Bounded: 250 levels of any one rule, 30 recoveries, 256 tokens skipped in one recovery, 100 errors.
#pragma once

#include "cel/syntax_tree.h"

namespace gatepost::cel {

SyntaxTree parse_syntax(const Source& source, Issues& issues);

}  // namespace gatepost::cel
