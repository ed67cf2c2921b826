// The pages of docs/causes, compiled into the program: what a cause or a root cause means, how to tell, fix and prevent
// it. The one-screen answer takes its sentences and commands from them, with the real names filled in.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::explain {

// A likely root behind a cause, with the commands that decide whether it is the one.
struct Root {
  std::string_view id;  // a root cause's id, or ""
  std::string_view text;
  std::vector<std::string_view> commands;
};

struct Page {
  std::string_view id;
  std::string_view summary;  // one sentence in plain words
  std::string_view meaning, not_this, risk;
  std::vector<Root> roots;  // likeliest first
  std::string_view fix_id, fix;
  std::vector<std::string_view> fix_commands;
  std::string_view markdown;  // the whole page
  bool is_root = false;       // a root cause of `diagnose`
};

// All pages, causes first, each group by name.
std::span<const Page> pages();
const Page* find_page(std::string_view id);

// What the placeholders of a page's commands stand for; empty ones are not known.
struct Names {
  std::string webhook, namespace_, name, port, url, timeout, host;
};

// From what an error says. These go into commands that people paste into a shell, and the error comes from outside: a
// name with any byte that names do not have counts as not known.
Names names_of(std::string_view webhook, std::string_view service, std::optional<int> port, std::optional<int> timeout,
               std::string_view target);

// `text` with {webhook} and the like filled in. Unknown ones become <webhook>; `complete` tells whether all were known.
std::string fill(std::string_view text, const Names& names, bool* complete = nullptr);

// A page for a terminal: headings, lists and commands without the Markdown.
struct PageStyle {
  bool color = false;
  int width = 80;
};
std::string print_page(const Page& page, const PageStyle& style);

}  // namespace gatepost::explain
