#include "explain/page.h"

#include <algorithm>
#include <array>

#include "embedded/cause_pages.h"
#include "report/terminal.h"

namespace gatepost::explain {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \n\t");
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \n\t") - begin + 1);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// The body of "## heading".
std::string_view section(std::string_view page, std::string_view heading) {
  const std::string mark = "\n## " + std::string(heading) + "\n";
  const std::size_t at = page.find(mark);
  if (at == std::string_view::npos) return "";
  const std::size_t begin = at + mark.size();
  return trim(page.substr(begin, page.find("\n## ", begin - 1) - begin));
}

// A command is a line of its own in backticks.
bool is_command(std::string_view line) {
  return line.size() > 2 && line.front() == '`' && line.back() == '`';
}
std::string_view command_of(std::string_view line) {
  return line.substr(1, line.size() - 2);
}

// "1. **id**: text" and command lines below.
std::vector<Root> read_roots(std::string_view body) {
  std::vector<Root> out;
  while (!body.empty()) {
    const std::string_view line = trim(take_line(body));
    if (line.empty()) continue;
    if (is_command(line)) {
      if (!out.empty()) out.back().commands.push_back(command_of(line));
      continue;
    }
    const std::size_t dot = line.find(". ");
    if (dot == std::string_view::npos || dot > 2) continue;
    Root root{"", trim(line.substr(dot + 2)), {}};
    if (root.text.starts_with("**")) {
      const std::size_t close = root.text.find("**: ");
      if (close != std::string_view::npos) {
        root.id = root.text.substr(2, close - 2);
        root.text = root.text.substr(close + 4);
      }
    }
    out.push_back(root);
  }
  return out;
}

Page read_page(std::string_view name, std::string_view markdown) {
  Page page;
  page.id = name.substr(0, name.rfind(".md"));
  page.markdown = markdown;
  std::string_view rest = markdown;
  take_line(rest);
  page.summary = trim(rest.substr(0, rest.find("\n## ")));
  page.is_root = section(markdown, "Behind").size() > 0;
  page.meaning = section(markdown, "Meaning");
  page.not_this = section(markdown, "Not this");
  page.risk = section(markdown, "Risk");
  page.roots = read_roots(section(markdown, "Likely roots"));
  std::string_view fix = section(markdown, "Fix");
  const std::size_t colon = fix.find(": ");
  if (colon != std::string_view::npos && fix.substr(0, colon).find(' ') == std::string_view::npos) {
    page.fix_id = fix.substr(0, colon);
    fix.remove_prefix(colon + 2);
  }
  std::string_view lines = fix;
  while (!lines.empty()) {
    const std::string_view line = trim(take_line(lines));
    if (is_command(line)) page.fix_commands.push_back(command_of(line));
  }
  page.fix = trim(fix.substr(0, std::min(fix.find("\n`"), fix.size())));
  return page;
}

std::vector<Page> read_pages() {
  std::vector<Page> out;
  for (const embedded::File& file : embedded::cause_pages()) out.push_back(read_page(file.name, file.bytes));
  std::sort(out.begin(), out.end(),
            [](const Page& a, const Page& b) { return a.is_root != b.is_root ? b.is_root : a.id < b.id; });
  return out;
}

const std::vector<Page>& all() {
  static const std::vector<Page> loaded = read_pages();
  return loaded;
}

// Markdown's marks inside a line: **bold**, [text](link), `code`.
std::string plain(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line.substr(i).starts_with("**")) {
      ++i;
      continue;
    }
    if (line[i] == '[') {
      const std::size_t close = line.find("](", i);
      const std::size_t end = close == std::string_view::npos ? close : line.find(')', close);
      if (end != std::string_view::npos) {
        out += line.substr(i + 1, close - i - 1);
        i = end;
        continue;
      }
    }
    if (line[i] != '`') out += line[i];
  }
  return out;
}

}  // namespace

std::span<const Page> pages() {
  return all();
}

const Page* find_page(std::string_view id) {
  for (const Page& page : all()) {
    if (page.id == id) return &page;
  }
  return nullptr;
}

Names names_of(std::string_view webhook, std::string_view service, std::optional<int> port, std::optional<int> timeout,
               std::string_view target) {
  constexpr std::string_view of_names = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  const auto safe = [of_names](std::string_view name, std::string_view more) {
    const bool plain_name = std::all_of(name.begin(), name.end(), [&](char c) {
      return of_names.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
    });
    return plain_name && !name.starts_with('-') ? std::string(name) : std::string();
  };
  Names names;
  names.webhook = safe(webhook, "");
  const std::size_t slash = service.find('/');
  if (slash != std::string_view::npos) {
    names.namespace_ = safe(service.substr(0, slash), "");
    names.name = safe(service.substr(slash + 1), "");
    if (!names.namespace_.empty() && !names.name.empty()) names.host = names.name + "." + names.namespace_ + ".svc";
  }
  if (port) names.port = std::to_string(*port);
  if (timeout) names.timeout = std::to_string(*timeout);
  names.url = safe(target.substr(0, target.find('?')), ":/%~[]");
  return names;
}

std::string fill(std::string_view text, const Names& names, bool* complete) {
  const std::array<std::pair<std::string_view, const std::string*>, 7> known = {{{"{webhook}", &names.webhook},
                                                                                 {"{namespace}", &names.namespace_},
                                                                                 {"{name}", &names.name},
                                                                                 {"{port}", &names.port},
                                                                                 {"{url}", &names.url},
                                                                                 {"{timeout}", &names.timeout},
                                                                                 {"{host}", &names.host}}};
  if (complete != nullptr) *complete = true;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    bool found = false;
    for (const auto& [mark, value] : known) {
      if (!text.substr(i).starts_with(mark)) continue;
      if (value->empty()) {
        out += "<" + std::string(mark.substr(1, mark.size() - 2)) + ">";
        if (complete != nullptr) *complete = false;
      } else {
        out += *value;
      }
      i += mark.size();
      found = true;
      break;
    }
    if (!found) out += text[i++];
  }
  return out;
}

std::string print_page(const Page& page, const PageStyle& style) {
  const report::Style ink{style.color ? report::Color::always : report::Color::never, style.width};
  std::string out;
  std::string_view rest = page.markdown;
  std::string paragraph;
  int indent = 0;
  const auto end_paragraph = [&] {
    out += report::wrap(paragraph, indent, style.width);
    paragraph.clear();
    indent = 0;
  };
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    const std::string_view words = trim(line);
    if (words.starts_with("#")) {
      end_paragraph();
      const std::size_t text = words.find_first_not_of("# ");
      out += report::paint(words.substr(std::min(text, words.size())), report::Ink::bold, ink) + "\n";
    } else if (is_command(words)) {
      end_paragraph();
      out += "    $ " + report::paint(fill(command_of(words), {}), report::Ink::cyan, ink) + "\n";
    } else if (words.empty()) {
      end_paragraph();
      if (!out.empty() && !out.ends_with("\n\n")) out += "\n";
    } else {
      const bool item = words.starts_with("- ") || (words.size() > 2 && words[1] == '.' && words[2] == ' ');
      if (item) end_paragraph(), indent = 2;
      paragraph += (paragraph.empty() ? "" : " ") + plain(words);
    }
  }
  end_paragraph();
  return out;
}

}  // namespace gatepost::explain
