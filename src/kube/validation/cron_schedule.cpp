#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "kube/validation/workload.h"

// The grammar and the words of robfig/cron v3's standard parser: five fields, or a descriptor.
namespace gatepost::kube {
namespace {

struct Bounds {
  int low, high;
  std::array<std::string_view, 13> names;  // the first at `low`
};

constexpr std::array<Bounds, 5> bounds = {{
    {0, 59, {}},
    {0, 23, {}},
    {1, 31, {}},
    {1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
    {0, 6, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    std::size_t at = text.find(separator);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::string_view word : split(text, ' '))
    if (!word.empty()) out.push_back(word);
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// A complaint, or a number.
struct Number {
  unsigned value = 0;
  std::string complaint;
};

Number read_number(std::string_view text) {
  long value = 0;
  std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size())
    return {0, "failed to parse int from " + std::string(text) + ": strconv.Atoi: parsing " + shown(text) +
                   (read.ec == std::errc::result_out_of_range ? ": value out of range" : ": invalid syntax")};
  if (value < 0) return {0, "negative number (" + std::to_string(value) + ") not allowed: " + std::string(text)};
  return {static_cast<unsigned>(value), {}};
}

Number read_number_or_name(std::string_view text, const Bounds& field) {
  std::string wanted = lower(text);
  for (std::size_t i = 0; i < field.names.size(); ++i)
    if (!field.names[i].empty() && field.names[i] == wanted)
      return {static_cast<unsigned>(field.low) + static_cast<unsigned>(i), {}};
  return read_number(text);
}

std::string range_complaint(std::string_view expression, const Bounds& field) {
  std::string text(expression);
  auto with_step = split(expression, '/');
  auto ends = split(with_step[0], '-');
  Number start, end, step{1, {}};
  auto low = static_cast<unsigned>(field.low), high = static_cast<unsigned>(field.high);
  if (ends[0] == "*" || ends[0] == "?") {
    start.value = low;
    end.value = high;
  } else {
    start = read_number_or_name(ends[0], field);
    if (!start.complaint.empty()) return start.complaint;
    if (ends.size() > 2) return "too many hyphens: " + text;
    end = ends.size() == 2 ? read_number_or_name(ends[1], field) : start;
    if (!end.complaint.empty()) return end.complaint;
  }
  if (with_step.size() > 2) return "too many slashes: " + text;
  if (with_step.size() == 2) {
    step = read_number(with_step[1]);
    if (!step.complaint.empty()) return step.complaint;
    if (ends.size() == 1) end.value = high;
  }
  auto number = [](unsigned value) { return std::to_string(value); };
  if (start.value < low)
    return "beginning of range (" + number(start.value) + ") below minimum (" + number(low) + "): " + text;
  if (end.value > high) return "end of range (" + number(end.value) + ") above maximum (" + number(high) + "): " + text;
  if (start.value > end.value)
    return "beginning of range (" + number(start.value) + ") beyond end of range (" + number(end.value) + "): " + text;
  if (step.value == 0) return "step of range should be a positive number: " + text;
  return {};
}

}  // namespace

std::string cron_schedule_complaint(std::string_view schedule) {
  if (schedule.empty()) return "empty spec string";
  if (schedule.starts_with("TZ=") || schedule.starts_with("CRON_TZ=")) {
    std::size_t space = schedule.find(' ');
    schedule = space == std::string_view::npos ? std::string_view{} : schedule.substr(space + 1);
  }
  if (schedule.starts_with('@')) {
    for (std::string_view known : {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
      if (schedule == known) return {};
    if (schedule.starts_with("@every ")) return {};
    return "unrecognized descriptor: " + std::string(schedule);
  }
  auto fields = words(schedule);
  if (fields.size() != bounds.size()) {
    std::string list;
    for (std::string_view field : fields) list += (list.empty() ? "" : " ") + std::string(field);
    return "expected exactly 5 fields, found " + std::to_string(fields.size()) + ": [" + list + "]";
  }
  for (std::size_t i = 0; i < fields.size(); ++i)
    for (std::string_view expression : split(fields[i], ','))
      if (!expression.empty())
        if (std::string complaint = range_complaint(expression, bounds[i]); !complaint.empty()) return complaint;
  return {};
}

}  // namespace gatepost::kube
