#include "envtest/go_flags.h"

#include <algorithm>
#include <array>

#include "net/go_text.h"

namespace gatepost::envtest {
namespace {

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

const FlagSpec* find(const std::vector<FlagSpec>& table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &FlagSpec::name);
  return found == table.end() ? nullptr : &*found;
}

// What strconv.ParseBool takes.
bool is_bool(std::string_view text) {
  constexpr std::array<std::string_view, 12> words{"1", "t", "T", "TRUE",  "true",  "True",
                                                   "0", "f", "F", "FALSE", "false", "False"};
  return std::ranges::find(words, text) != words.end();
}

}  // namespace

std::vector<FlagSpec> read_flag_table(std::string_view text) {
  std::vector<FlagSpec> table;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    FlagSpec spec;
    spec.name = next_word(line);
    spec.takes = next_word(line) == "bool" ? Takes::nothing : Takes::value;
    const std::string_view effect = next_word(line);
    spec.effect = effect == "used" ? Effect::used : effect == "quiet" ? Effect::quiet : Effect::none;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    spec.help = line;
    table.push_back(spec);
  }
  return table;
}

Result<GoFlags> GoFlags::parse(const std::vector<FlagSpec>& table, std::span<const std::string> arguments) {
  GoFlags flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--") break;
    if (argument.size() < 2 || argument[0] != '-') return fail("unknown command \"" + arguments[i] + "\"");
    const bool shorthand = argument[1] != '-';
    std::string_view name = argument.substr(shorthand ? 1 : 2);
    if (name.empty() || name[0] == '=' || name[0] == '-') return fail("bad flag syntax: " + arguments[i]);
    const std::size_t equals = name.find('=');
    std::string_view value = equals == name.npos ? std::string_view() : name.substr(equals + 1);
    const bool has_value = equals != name.npos;
    name = name.substr(0, equals);
    const FlagSpec* spec = find(table, shorthand && name == "h" ? "help" : name);
    if (!spec || (shorthand && name.size() > 1)) {
      if (shorthand) return fail("unknown shorthand flag: '" + std::string(name.substr(0, 1)) + "' in " + arguments[i]);
      return fail("unknown flag: --" + std::string(name));
    }
    if (spec->takes == Takes::nothing) {
      if (has_value && !is_bool(value))
        return fail("invalid argument " + net::go_quote(value) + " for \"--" + std::string(name) +
                    "\" flag: strconv.ParseBool: parsing " + net::go_quote(value) + ": invalid syntax");
      flags.given_.push_back({spec, has_value ? std::string(value) : "true"});
    } else if (has_value) {
      flags.given_.push_back({spec, std::string(value)});
    } else if (i + 1 < arguments.size()) {
      flags.given_.push_back({spec, arguments[++i]});
    } else {
      return fail("flag needs an argument: --" + std::string(name));
    }
  }
  return flags;
}

bool GoFlags::has(std::string_view name) const {
  return std::ranges::any_of(given_, [&](const Given& given) { return given.spec->name == name; });
}

std::string_view GoFlags::get(std::string_view name) const {
  std::string_view value;
  for (const Given& given : given_)
    if (given.spec->name == name) value = given.value;
  return value;
}

std::vector<std::string> GoFlags::list(std::string_view name) const {
  std::vector<std::string> values;
  for (const Given& given : given_) {
    if (given.spec->name != name) continue;
    std::string_view rest = given.value;
    while (!rest.empty()) {
      const std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      if (!one.empty()) values.emplace_back(one);
    }
  }
  return values;
}

bool GoFlags::on(std::string_view name) const {
  const std::string_view value = get(name);
  return !value.empty() && value != "0" && value[0] != 'f' && value[0] != 'F';
}

std::vector<std::string_view> GoFlags::without_effect() const {
  std::vector<std::string_view> names;
  for (const Given& given : given_)
    if (given.spec->effect == Effect::none) names.push_back(given.spec->name);
  return names;
}

std::string flag_help(const std::vector<FlagSpec>& table) {
  std::string out;
  for (const FlagSpec& spec : table) {
    const bool one_letter = spec.name.size() == 1;
    std::string line = one_letter ? "  -" + std::string(spec.name) + ", --" : std::string("      --");
    line.append(spec.name).append(spec.takes == Takes::value ? " value" : "");
    const std::string_view help = !spec.help.empty()            ? spec.help
                                  : spec.effect == Effect::none ? "(accepted, without effect)"
                                                                : "(accepted)";
    constexpr std::size_t column = 56;
    line.resize(std::max(column, line.size() + 1), ' ');
    out.append(line).append(help).append("\n");
  }
  return out;
}

}  // namespace gatepost::envtest
