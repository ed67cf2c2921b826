// Text for a person at a terminal: colours, wrapping by display width, small charts, and the plain listing of a report
// that any command may use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/finding.h"

namespace gatepost::report {

enum class Color { never, always };
enum class Ink { plain, bold, dim, red, yellow, green, cyan };

struct Style {
  Color color = Color::never;
  int width = 80;  // columns
};

// `text` in that colour, or `text` itself.
std::string paint(std::string_view text, Ink ink, const Style& style);

Ink ink_of(Severity severity);

// Columns that `text` takes on a terminal; bytes that are not UTF-8 count one each.
int display_width(std::string_view text);

// Breaks paragraphs at spaces so that no line is wider than `width` with `indent` spaces before each; ends with a
// newline.
std::string wrap(std::string_view text, int indent, int width);

// A row of block characters, one a count, scaled to the largest.
std::string sparkline(const std::vector<std::int64_t>& counts, std::size_t columns);

// Control bytes of outside text made visible, so that a log cannot drive the terminal.
std::string printable(std::string_view text);

// A line a webhook: state, name, cause or from where it was seen.
std::string render_lines(const Report& report, const Style& style);

// The listing: one paragraph a finding (severity, what, evidence, next commands, fix).
std::string render_terminal(const Report& report, const Style& style);

}  // namespace gatepost::report
